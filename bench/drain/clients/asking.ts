import { Agent, get } from 'node:http'
import type { Connection } from '../connection.ts'
import type { Client } from '../round.ts'

type Behaviour = (client: Client) => Promise<void>

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
const GET_ONCE = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Keep-alive, one request after the other: `deep` at once where they are pipelined, with a pause where one is given. */
export function keepAlive({ deep = 1, pauseMs = 0 } = {}): Behaviour {
  return async (client) => {
    // Not all in the same moment.
    if (pauseMs > 0) await client.pause(0, pauseMs)
    for (let connection: Connection | undefined; ; ) {
      if (!connection || connection.isOver) connection = await client.open()
      if (!connection) return
      if (!client.settle(await connection.ask(GET.repeat(deep), deep), deep)) {
        connection.finish()
        connection = undefined
      }
      if (pauseMs > 0) await client.pause(pauseMs / 2, pauseMs * 1.5)
    }
  }
}

/** A connection for each request. */
export const newEachTime: Behaviour = async (client) => {
  for (;;) {
    const connection = await client.open()
    if (!connection) return
    client.settle(await connection.ask(GET_ONCE))
    connection.finish()
  }
}

/** Node's own client; made anew for each round, since the clients share its agent. */
export function throughAgent(): Behaviour {
  const agent = new Agent({ keepAlive: true })
  return async (client) => {
    for (;;) {
      const failure = await answerOf(agent, client.target.port)
      if (failure === 'ECONNREFUSED') {
        client.tally.count('refused')
        return
      }
      if (failure === undefined) {
        client.tally.count('answered')
        client.warm()
      } else client.tally.lose(failure)
    }
  }
}

/** Undefined for a whole answer, else what came instead. */
function answerOf(agent: Agent, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ agent, port, host: '127.0.0.1' }, (response) => {
      response.resume()
      response.once('close', () => {
        const isRight = response.complete && (response.statusCode ?? 0) < 400
        resolve(isRight ? undefined : `an answer was cut, or had status ${response.statusCode}`)
      })
    })
    request.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message
      const where = request.reusedSocket ? 'a used connection' : 'a new connection'
      resolve(code === 'ECONNREFUSED' ? code : `no answer (${code}) on ${where}`)
    })
  })
}

const PIECES = 16
const UPLOAD = 64 * 1024

/** Uploads 64 KiB over 600 ms, again and again; answered when all of it is in. */
export const uploading: Behaviour = async (client) => {
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${UPLOAD}\r\n\r\n`
  for (let connection: Connection | undefined; ; ) {
    if (!connection || connection.isOver) connection = await client.open()
    if (!connection) return
    connection.begin(head)
    for (let piece = 0; piece < PIECES && !connection.isOver; piece++) {
      await client.pause(600 / PIECES)
      connection.write(Buffer.alloc(UPLOAD / PIECES))
    }
    if (!client.settle(await connection.settled())) {
      connection.finish()
      connection = undefined
    }
  }
}

const LARGE = 1024 * 1024

/** Uploads 1 MiB and is answered long before it is in; stops in the middle when that answer says `Connection: close`. */
export const answeredEarly: Behaviour = async (client) => {
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${LARGE}\r\n\r\n`
  for (let connection: Connection | undefined; ; ) {
    if (!connection || connection.isOver) connection = await client.open()
    if (!connection) return
    connection.begin(head)
    for (let piece = 0; piece < PIECES && !connection.isOver && !connection.isTold; piece++) {
      connection.write(Buffer.alloc(LARGE / PIECES))
      await client.pause(0, 4)
    }
    if (!client.settle(await connection.settled())) {
      connection.finish()
      connection = undefined
    }
  }
}
