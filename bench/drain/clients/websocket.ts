import { WebSocket } from 'ws'
import type { Client } from '../round.ts'

/** What a client is told by a server that goes away. */
const GOING_AWAY = 1001

/** Echoes, one message after the other, until the server closes; to be told 1001 is what counts as not lost. */
export async function echoing(client: Client): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${client.target.port}`)
  const code = await new Promise<number>((resolve) => {
    // The close that follows tells what it was.
    socket.on('error', () => {})
    socket.once('open', () => socket.send('hello'))
    socket.on('message', () => {
      client.warm()
      client.tally.count('answered')
      socket.send('hello')
    })
    socket.once('close', resolve)
  })
  if (code !== GOING_AWAY) client.tally.lose(`closed with ${code}`)
}
