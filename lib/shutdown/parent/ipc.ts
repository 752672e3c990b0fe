import type { EventEmitter } from 'node:events'
import { readDeadlineMessage } from '../../clock/deadline-message.ts'
import { hrtime } from '../../real-time.ts'
import { heldMessages } from './held-messages.ts'

/** Who is told what came over the channel of a parent that forked us. */
export interface IpcHandlers {
  /** PM2's word for SIGINT: `'shutdown'`. */
  readonly asked: () => void
  /** A lastcall adopted us: it signals next, and sends SIGKILL in `leftMs`. */
  readonly announced: (leftMs: number) => void
  /** The channel has ended: by its parent's end, or because one side closed it. */
  readonly disconnected: () => void
}

type Channel = { refCounted?(): void; unrefCounted?(): void }

/**
 * Listens to a parent by IPC, if there is one, and returns what takes the listeners off. A listener of `message` or
 * `disconnect` holds the event loop; ours are counted out again, so that a service with nothing else open ends by itself.
 */
export function listenToIpc(handlers: IpcHandlers): () => void {
  const channel = process.channel as Channel | null | undefined
  // In every Node from 20 to 26; where it is missing, a service that lives for ever would be worse.
  if (typeof channel?.unrefCounted !== 'function') return () => {}
  const emitter: EventEmitter = process
  const held = heldMessages()
  const onMessage = (message: unknown, handle: unknown): void => {
    if (held.isReplaying()) return
    held.hold(message, handle)
    if (message === 'shutdown') handlers.asked()
  }
  const onInternal = (message: unknown): void => {
    const record = readDeadlineMessage(message)
    if (record) handlers.announced(Number(record.deadlineNs - hrtime()) / 1e6)
  }
  emitter.on('message', onMessage).on('internalMessage', onInternal)
  // Before Node's own in a worker of a cluster, which exits at once where the primary has gone.
  emitter.prependListener('disconnect', handlers.disconnected)
  channel.unrefCounted()
  channel.unrefCounted()
  return () => {
    held.close()
    // Node counts down for each listener that is taken off.
    const left = process.channel as Channel | null | undefined
    left?.refCounted?.()
    left?.refCounted?.()
    emitter.off('message', onMessage).off('internalMessage', onInternal).off('disconnect', handlers.disconnected)
  }
}
