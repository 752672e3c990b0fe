import type { Cluster } from 'node:cluster'
import type { Server, Socket } from 'node:net'

/**
 * What Node keeps behind a listening server. Nothing of it is documented: `handleOf` looks whether it is there, and
 * where it is not the listener ends by the fall-back.
 */
export interface ListeningHandle {
  readonly fd: number
  /** listen(2) again: it changes the backlog of the same queue. */
  listen(backlog: number): number
  /** Called with each accepted connection. */
  onconnection: (this: ListeningHandle, status: number, accepted?: AcceptedHandle) => void
  getsockname(out: { address?: string; port?: number; family?: string }): number
  close(): void
}

/** A listener that this process alone accepts from. */
export interface OwnListener {
  readonly handle: ListeningHandle
  isOpen(): boolean
  close(): void
}

export interface AcceptedHandle {
  getpeername(out: { port?: number; address?: string }): number
  close(): void
}

/** The handle of a server that this process alone accepts from; undefined for cluster workers and inherited sockets. */
export function handleOf(server: Server): ListeningHandle | undefined {
  // Whoever handed the socket to us holds its queue, and a smaller backlog would be theirs, too.
  if (process.env.LISTEN_FDS !== undefined) return undefined
  const handle = (server as { _handle?: unknown })._handle
  return isWhole(handle) && !isShared() ? handle : undefined
}

/** Whether everything that we need is there. */
export function isWhole(handle: unknown): handle is ListeningHandle {
  const { fd, listen, onconnection } = Object(handle) as Partial<ListeningHandle>
  return typeof fd === 'number' && fd >= 0 && typeof listen === 'function' && typeof onconnection === 'function'
}

/** In a cluster worker the primary, or every worker, holds the queue. */
function isShared(): boolean {
  const { isWorker } = process.getBuiltinModule('node:cluster') as unknown as Cluster
  return isWorker
}

/** Whether the kernel has accepted this connection of ours; on loopback that is decided when connect(2) returns. */
export function isEstablished(socket: Socket): boolean {
  const handle = (socket as { _handle?: AcceptedHandle | null })._handle
  return typeof handle?.getpeername === 'function' && handle.getpeername({}) === 0
}
