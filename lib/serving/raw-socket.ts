import type { Socket } from 'node:net'

/** The socket that the kernel knows, under a TLS one. Node does not document `_parent`; it is the same on Node 20 to 26. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { readonly _parent?: Socket | null })._parent ?? socket
}
