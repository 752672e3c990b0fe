import type { Socket } from 'node:net'

/** Accepted sockets of a server that hold the event loop: HTTP or not, in their TLS handshake or past it (then the raw ones). */
export function acceptedSockets(server: object): Socket[] {
  const handles = (process as unknown as { _getActiveHandles?(): unknown[] })._getActiveHandles?.() ?? []
  return handles.filter((handle): handle is Socket => (handle as { server?: unknown } | null)?.server === server)
}
