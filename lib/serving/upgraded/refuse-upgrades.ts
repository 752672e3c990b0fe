import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServerCounts } from '../drainable.ts'

const REFUSAL = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** What takes upgrades over from an http server: a `ws` WebSocketServer, an engine.io server. */
export interface Upgrading {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, ...rest: unknown[]): void
}

/**
 * Answers upgrades with 503 from now on: the client asks again, and is routed to somebody else. Its method is shadowed,
 * since it is called by whoever has the `upgrade` event: the library, or the app. Returns what undoes it.
 */
export function refuseUpgrades(server: Upgrading, counts: ServerCounts): () => void {
  const own = Object.getOwnPropertyDescriptor(server, 'handleUpgrade')
  server.handleUpgrade = (_request, socket) => {
    counts.refusedLate++
    // The client may be gone already, and nobody else listens.
    socket.on('error', () => {})
    socket.once('finish', () => socket.destroy())
    socket.end(REFUSAL)
  }
  return () => {
    if (own) Object.defineProperty(server, 'handleUpgrade', own)
    else Reflect.deleteProperty(server, 'handleUpgrade')
  }
}
