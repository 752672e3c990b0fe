import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Client } from '../round.ts'

/** A session of Node's own client with `streams` requests on it all the time; a new session where the old one closes. */
export function session(streams: number): (client: Client) => Promise<void> {
  return async (client) => {
    for (;;) {
      const session = await open(client)
      if (!session) return
      await Promise.all(Array.from({ length: streams }, () => askAgainAndAgain(session, client)))
      await closed(session)
    }
  }
}

/** Tries until it has a session; undefined when it was refused: nobody listens any more. */
async function open(client: Client): Promise<ClientHttp2Session | undefined> {
  for (;;) {
    const session = connect(`http://127.0.0.1:${client.target.port}`)
    const failure = await new Promise<string | undefined>((resolve) => {
      session.once('connect', () => resolve(undefined))
      // What comes later is told by the streams.
      session.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      session.once('close', () => resolve('ended'))
    })
    if (failure === undefined) return session
    if (failure === 'ECONNREFUSED') {
      client.tally.count('refused')
      return undefined
    }
    client.tally.lose(`${failure} when a session connected`)
  }
}

async function closed(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed) return
  await new Promise((resolve) => {
    session.once('close', resolve)
    session.close()
  })
}

async function askAgainAndAgain(session: ClientHttp2Session, client: Client): Promise<void> {
  while (!session.closed && !session.destroyed) {
    const seen = await ask(session)
    if (seen === 'answered') client.warm()
    if (seen === 'answered' || seen === 'refused') client.tally.count(seen)
    else client.tally.lose(seen.lost)
  }
}

/** A refused stream, and one that never left, may be repeated without risk. */
function ask(session: ClientHttp2Session): Promise<'answered' | 'refused' | { lost: string }> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/' })
    let status = 0
    let isWhole = false
    let failure: NodeJS.ErrnoException | undefined
    stream
      .on('response', (headers) => (status = Number(headers[':status'])))
      .on('end', () => (isWhole = true))
      .on('error', (error) => (failure = error))
      .on('close', () => {
        if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || stream.id === undefined) resolve('refused')
        else if (isWhole && status === 200 && failure === undefined && stream.rstCode === 0) resolve('answered')
        else resolve({ lost: `a stream ended with ${failure?.code ?? `code ${stream.rstCode}`}, status ${status}` })
      })
    stream.resume()
  })
}
