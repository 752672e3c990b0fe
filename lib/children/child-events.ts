import { badOption, checkOneOf } from '../options.ts'
import { queueMicrotask } from '../real-time.ts'

/** What a child's handle tells of. */
export type ChildEvent =
  | {
      readonly type: 'state'
      readonly state: ChildState
      /** With `waiting`: how long until it is started again, in milliseconds. */
      readonly restartMs?: number
    }
  | { readonly type: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'message'; readonly message: unknown }

/**
 * `starting`: it waits for others, or is not ready yet; `ready`; `waiting` between two runs; `stopping`; `gone`, for
 * good, by its policy or by `stop`; `failed`, for good, out of restarts.
 */
export type ChildState = 'starting' | 'ready' | 'waiting' | 'stopping' | 'gone' | 'failed'

const TYPES: readonly ChildEvent['type'][] = ['state', 'exit', 'message']

type Listener = (event: never) => void

/** Listeners by type, and readers of everything, one event after the other. */
export class ChildEvents {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #readers = new Set<{ queue: ChildEvent[]; wake: () => void }>()
  #isOver = false

  on(type: string, listener: Listener): () => void {
    checkOneOf('event of child.on', type ?? null, TYPES)
    if (typeof listener !== 'function')
      throw badOption(`child.on('${type}')`, 'given a function', listener, `Write child.on('${type}', (event) => …).`)
    const listeners = this.#listeners.get(type) ?? new Set()
    this.#listeners.set(type, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  emit(event: ChildEvent): void {
    for (const listener of [...(this.#listeners.get(event.type) ?? [])]) {
      try {
        listener(event as never)
      } catch (error) {
        // The listener's own error: uncaught, as anywhere in Node, but the child's life goes on.
        queueMicrotask(() => {
          throw error
        })
      }
    }
    for (const reader of this.#readers) {
      reader.queue.push(event)
      reader.wake()
    }
  }

  end(): void {
    this.#isOver = true
    for (const reader of this.#readers) reader.wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChildEvent, void> {
    const reader = { queue: [] as ChildEvent[], wake: (): void => {} }
    this.#readers.add(reader)
    try {
      while (reader.queue.length > 0 || !this.#isOver) {
        const event = reader.queue.shift()
        if (event) yield event
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve
          })
      }
    } finally {
      this.#readers.delete(reader)
    }
  }
}
