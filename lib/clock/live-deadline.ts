import { type Deadline, deadlineFrom } from './deadline.ts'
import { Limit } from './limit.ts'

/**
 * The deadline of a shutdown that runs: a parent may say in the middle of it that there is less time, and the API server
 * that there is less, or more, than was assumed.
 */
export class LiveDeadline implements Deadline {
  readonly startedAt: number
  readonly limit: Limit
  #now: Deadline
  #totalMs: number

  constructor(startedAt: number, graceMs: number) {
    this.startedAt = startedAt
    this.#now = deadlineFrom(startedAt, graceMs)
    this.#totalMs = this.#now.at - startedAt
    this.limit = new Limit(this.#now.at)
  }

  get at(): number {
    return this.#now.at
  }

  get killAt(): number {
    return this.#now.killAt
  }

  get reserveMs(): number {
    return this.#now.reserveMs
  }

  /** What the phases share: the time until the deadline when it was set. */
  get totalMs(): number {
    return this.#totalMs
  }

  /** Learns at `now` that SIGKILL comes at `killAt`. False where the deadline would be no earlier for it. */
  bringForward(killAt: number, now: number): boolean {
    return this.#move(killAt, now, 'earlier')
  }

  /** Learns at `now` that SIGKILL comes at `killAt`. False where the deadline would be no later, or has passed. */
  putOff(killAt: number, now: number): boolean {
    return now < this.#now.at && killAt > this.#now.killAt && this.#move(killAt, now, 'later')
  }

  #move(killAt: number, now: number, way: 'earlier' | 'later'): boolean {
    const next = deadlineFrom(now, Math.max(0, killAt - now))
    if (way === 'earlier' ? next.at >= this.#now.at : next.at <= this.#now.at) return false
    this.#now = next
    this.#totalMs = next.at - now
    return this.limit.move(next.at, way)
  }
}
