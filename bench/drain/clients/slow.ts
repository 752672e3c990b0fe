import type { Client } from '../round.ts'

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** Has been answered once, and asks no more. */
export async function idle(client: Client): Promise<void> {
  const connection = await client.open()
  if (!connection) return
  client.settle(await connection.ask(GET))
  if ((await connection.ended()) === 'reset') client.tally.resets += 1
}

/** Connected, says nothing before SIGTERM, and asks within the second that a silent connection is given. */
export async function lateFirst(client: Client): Promise<void> {
  const connection = await client.open()
  if (!connection) return
  client.warm()
  await client.stopped
  await client.pause(20, 600)
  if (connection.isOver) return client.tally.lose('ended before its first request')
  client.settle(await connection.ask(GET))
  connection.finish()
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

/** Connected before SIGTERM; its TLS handshake begins a moment after, and one request follows. */
export async function lateHandshake(client: Client): Promise<void> {
  const beforeHandshake = async (): Promise<void> => {
    client.warm()
    await client.stopped
    await client.pause(20, 600)
  }
  const connection = await client.open({ beforeHandshake })
  if (!connection) return
  client.settle(await connection.ask(GET))
  connection.finish()
}
