import { clearTimeout, setTimeout } from '../real-time.ts'

/** How long after its limit the work is told, in milliseconds. */
const AFTER_MS = 5

/** Tells the work in flight that drain's time is over. */
export class Cutoff {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal = this.#controller.signal
  #timer: NodeJS.Timeout | undefined

  /** Any number of calls is one. */
  abort(): void {
    // The report is not to name a timer of ours as the app's.
    clearTimeout(this.#timer)
    this.#controller.abort(new DOMException("drain's time is over", 'AbortError'))
  }

  /**
   * Hooks that share a limit have a timer each, a moment apart; a job that hears of the first one would end before the hook
   * that counts it, or hands it back, has been told. So all are told, and then the jobs.
   */
  abortSoon(): void {
    if (!this.signal.aborted) this.#timer ??= setTimeout(() => this.abort(), AFTER_MS)
  }
}
