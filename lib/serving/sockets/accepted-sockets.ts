import type { Server, Socket } from 'node:net'

/** Accepted sockets of a server that hold the event loop: HTTP or not, in their TLS handshake or past it (then the raw ones). */
export function acceptedSockets(server: object): Socket[] {
  const handles = (process as unknown as { _getActiveHandles?(): unknown[] })._getActiveHandles?.() ?? []
  return handles.filter((handle): handle is Socket => (handle as { server?: unknown } | null)?.server === server)
}

/** Those that are open when we begin to listen for others: of each of them anything may be true that an event told of. */
export function openSoFar(server: Pick<Server, 'listening'>): WeakSet<Socket> {
  return new WeakSet(server.listening ? acceptedSockets(server) : [])
}
