import { monotonicNow } from '../../clock/deadline.ts'

/** Time in which the event loop turns: while it stands still nothing is tried and nobody accepted, so of one turn only so much counts. */
export class TurningTime {
  readonly #turnMs: number
  #at = monotonicNow()

  constructor(turnMs = 20) {
    this.#turnMs = turnMs
  }

  /** How much since the last call, in milliseconds. */
  passed(): number {
    const now = monotonicNow()
    const ms = Math.min(now - this.#at, this.#turnMs)
    this.#at = now
    return ms
  }
}
