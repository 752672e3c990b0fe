import { type DrainOptions, ServerCounts } from '../../lib/serving/drainable.ts'
import { drainableOf } from '../../lib/serving/recognise.ts'

export interface Draining {
  readonly kind: string
  readonly address: string | null
  readonly counts: ServerCounts
  /** Resolves when the drain is over. */
  readonly done: Promise<void>
  /** Whether it is over. */
  readonly isDone: boolean
  reachLimit(): void
}

/** A server as `shutdown.server` would drain it, without a shutdown around it: the test says when the limit is. */
export function registered(server: object): { drain(options?: DrainOptions): Draining; release(): void } {
  const drainable = drainableOf(server)
  return {
    release: () => drainable.release?.(),
    drain: (options = {}) => {
      const limit = new AbortController()
      const counts = new ServerCounts()
      let isDone = false
      const { kind } = drainable
      const address = drainable.address()
      const done = drainable.drain({ limit: limit.signal, remainingMs: () => 60_000, counts, options }).then(() => {
        isDone = true
      })
      return {
        ...{ kind, address, counts, done },
        get isDone() {
          return isDone
        },
        reachLimit: () => limit.abort(),
      }
    },
  }
}
