import type { Socket } from 'node:net'

/** Accepted sockets of a server that are open; of a TLS server the raw ones, in their handshake or past it. */
export function acceptedSockets(server: object): Socket[] {
  const handles = (process as unknown as { _getActiveHandles?(): unknown[] })._getActiveHandles?.() ?? []
  return handles.filter((handle): handle is Socket => (handle as { server?: unknown } | null)?.server === server)
}

/** The socket that the kernel knows, under a TLS one. Node does not document `_parent`; it is the same on Node 20 to 26. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { readonly _parent?: Socket | null })._parent ?? socket
}
