import type { Duplex } from 'node:stream'

/** What we use of a `ws` WebSocket. */
export interface WebSocketLike {
  readonly readyState: number
  readonly _socket?: Duplex | null
  close(code?: number, reason?: string): void
}

/**
 * The WebSocket that rides on a socket. `ws` keeps it under a symbol of its own, and there may be several copies of it in
 * a process (socket.io brings one): the symbol is known by its description.
 */
export function webSocketOf(socket: Duplex): WebSocketLike | undefined {
  const key = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'websocket')
  const found = key && (socket as unknown as Record<symbol, Partial<WebSocketLike> | undefined>)[key]
  return typeof found?.close === 'function' && typeof found.readyState === 'number'
    ? (found as WebSocketLike)
    : undefined
}
