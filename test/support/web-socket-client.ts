import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { TestContext } from './suite.ts'

export interface WebSocketEnd {
  readonly code: number
  readonly reason: string
  readonly atMs: number
}

/** An open WebSocket of `ws`; `closed` tells how it ended. */
export async function openWebSocket(
  t: TestContext,
  port: number,
  scheme: 'ws' | 'wss' = 'ws',
): Promise<{ socket: WebSocket; closed: Promise<WebSocketEnd> }> {
  const socket = new WebSocket(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false })
  t.after(() => socket.terminate())
  const closed = new Promise<WebSocketEnd>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason), atMs: performance.now() }))
  })
  await once(socket, 'open')
  return { socket, closed }
}
