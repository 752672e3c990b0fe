import type { Findings } from '../hooks/findings.ts'
import type { HookContext } from '../hooks/hook.ts'
import { turn } from '../real-time.ts'

/** Jobs in flight that are no connection: `track()` counts them, drain waits for them. */
export class TrackedWork {
  readonly #running = new Set<object>()
  readonly #cutoff: AbortSignal
  #finished = 0
  #undone: number | undefined
  #empty: (() => void) | undefined
  #othersEnded = async (): Promise<void> => {}

  constructor(cutoff: AbortSignal) {
    this.#cutoff = cutoff
    // Before any job hears it, and ends: where another hook has less time, its limit is what they hear of.
    cutoff.addEventListener('abort', () => this.#countUndone(), { once: true })
  }

  /** Counts one job until the returned function is called; calling it again does nothing. */
  begin(): () => void {
    // After the cutoff nobody waits any more: the job is not counted.
    if (this.#cutoff.aborted) return () => {}
    const job = {}
    this.#running.add(job)
    return () => {
      if (!this.#running.delete(job)) return
      if (this.#undone === undefined) this.#finished++
      if (this.#running.size === 0) this.#empty?.()
    }
  }

  /** Requests and jobs in flight begin tracked work until they end. */
  beside(othersEnded: () => Promise<void>): void {
    this.#othersEnded = othersEnded
  }

  /** Drain's hook: resolves when nothing runs, and nobody is left who begins anything. At the limit `cut` aborts the cutoff, and jobs may unwind. */
  async drain(context: HookContext, cut: () => void): Promise<void> {
    const limit = new Promise<void>((resolve) => {
      context.signal.addEventListener('abort', () => {
        this.#countUndone()
        cut()
        resolve()
      })
    })
    await Promise.race([this.#othersEnded(), limit])
    // A job may start another one when it ends, so look again.
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    // A failure that nobody handles is told of in a turn of its own, and a short shutdown would be over before it.
    await turn()
  }

  #countUndone(): void {
    this.#undone ??= this.#running.size
  }

  findings(): Findings {
    return { tracked: { finished: this.#finished, undone: this.#undone ?? this.#running.size } }
  }
}
