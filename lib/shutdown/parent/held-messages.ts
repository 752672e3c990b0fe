import type { EventEmitter } from 'node:events'
import { nextTick } from '../../real-time.ts'

/**
 * Node keeps messages of the parent until somebody listens, so that a service may load first and listen then. With our
 * listener there it would not: what comes before anybody else listens is kept here, and emitted to the first who does.
 */
export function heldMessages(): {
  hold(message: unknown, handle: unknown): void
  isReplaying(): boolean
  close(): void
} {
  const emitter: EventEmitter = process
  const held: [message: unknown, handle: unknown][] = []
  let replaying = false
  const replay = (): void => {
    replaying = true
    try {
      for (const [message, handle] of held.splice(0)) emitter.emit('message', message, handle)
    } finally {
      replaying = false
    }
  }
  const onNewListener = (event: string | symbol): void => {
    // When it is there, as Node does it.
    if (event === 'message' && held.length > 0) nextTick(replay)
  }
  emitter.on('newListener', onNewListener)
  return {
    hold: (message, handle) => {
      if (emitter.listenerCount('message') === 1) held.push([message, handle])
    },
    isReplaying: () => replaying,
    close: () => emitter.off('newListener', onNewListener),
  }
}
