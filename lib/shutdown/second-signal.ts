import type { Now } from '../clock/deadline.ts'
import type { SignalReport } from '../report/report.ts'

/** What a signal may do once a shutdown runs. */
export type SecondSignal = 'auto' | 'force' | 'ignore'

/** Terminals, npm, foreman, or a supervisor and a parent send the same signal twice, milliseconds apart. */
const ECHO_MS = 500

interface Seen {
  readonly signal: string
  readonly at: number
}

/**
 * Tells an echo from a second thought. SIGTERM never forces under `auto`: frameworks re-raise it, and a restarted
 * container runtime repeats it with a fresh grace period, so that it means "more time", not "hurry".
 */
export class SecondSignals {
  readonly #policy: SecondSignal
  readonly #now: Now
  readonly #seen: Seen[] = []
  #begunAt: number | undefined
  #isAnnounced = false

  constructor(policy: SecondSignal, now: Now) {
    this.#policy = policy
    this.#now = now
  }

  /** The shutdown began, by whatever means. */
  begun(): void {
    this.#begunAt ??= this.#now()
  }

  /** A parent said that it will signal: what comes next is that, and no second thought. */
  announced(): void {
    this.#isAnnounced = true
  }

  /** What this signal does; it counts as seen from now on. */
  classify(signal: string): SignalReport['effect'] {
    const at = this.#now()
    const effect = this.#effect(signal, at)
    this.#seen.push({ signal, at })
    return effect
  }

  #effect(signal: string, at: number): SignalReport['effect'] {
    const isAnnounced = this.#isAnnounced
    this.#isAnnounced = false
    if (this.#begunAt === undefined) return 'began'
    if (isAnnounced) return 'echo'
    const isOld = (then: number): boolean => at - then > ECHO_MS
    const same = this.#seen.filter((seen) => seen.signal === signal)
    if (this.#policy === 'auto' && signal === 'SIGINT' && same.some((seen) => isOld(seen.at))) return 'forced'
    if (same.some((seen) => !isOld(seen.at))) return 'echo'
    // A terminal and a supervisor may send different signals for the same wish: they are one, too.
    const last = Math.max(this.#begunAt, ...this.#seen.map((seen) => seen.at))
    return this.#policy === 'force' && isOld(last) ? 'forced' : 'counted'
  }
}
