import type { Client } from '../round.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** Has been answered once, and asks no more. */
export async function idle(client: Client): Promise<void> {
  const connection = await client.open()
  if (!connection) return
  client.settle(await connection.ask(GET))
  if ((await connection.ended()) === 'reset') client.tally.resets += 1
}

/** Connected, says nothing before SIGTERM, and asks within `mostMs` from then: a silent connection is given a second. */
export function lateFirst(mostMs: number): (client: Client) => Promise<void> {
  return async (client) => {
    const connection = await client.open()
    if (!connection) return
    client.warm()
    await client.stopped
    await client.pause(20, mostMs)
    if (connection.isOver) return client.tally.lose('ended before its first request')
    client.settle(await connection.ask(GET))
    connection.finish()
  }
}

/** Never says a word; on a TLS server it never begins the handshake. */
export async function silent(client: Client): Promise<void> {
  const connection = await client.open({ isTls: false })
  if (!connection) return
  client.warm()
  if ((await connection.ended()) === 'reset') client.tally.resets += 1
}

/** Sends the first part of a request and no more: has to be told so, by status 408. */
export function half(part: 'head' | 'body'): (client: Client) => Promise<void> {
  const bytes = {
    head: 'GET / HTTP/1.1\r\nHost: loc',
    body: 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc',
  }
  return async (client) => {
    const connection = await client.open()
    if (!connection) return
    connection.write(bytes[part])
    client.warm()
    await connection.ended()
    if (connection.status !== 408) client.tally.lose(`half a ${part}, and no 408 but ${connection.status || 'nothing'}`)
  }
}

/** Connected before SIGTERM; its TLS handshake begins within `mostMs` after, and one request follows. */
export function lateHandshake(mostMs: number): (client: Client) => Promise<void> {
  return async (client) => {
    const beforeHandshake = async (): Promise<void> => {
      client.warm()
      await client.stopped
      await client.pause(20, mostMs)
    }
    const connection = await client.open({ beforeHandshake })
    if (!connection) return
    client.settle(await connection.ask(GET))
    connection.finish()
  }
}
