/** What the watchdog sees of main at one moment. Times are in milliseconds of one monotonic clock. */
export interface Sight {
  /** When the event loop turned last; undefined where it never did. */
  readonly beatAt: number | undefined
  readonly deadline: { readonly at: number; readonly reserveMs: number } | undefined
  /** Main writes its final report, or has written it. */
  readonly isTelling?: boolean
}

/** Why the process has to end. */
export type Alarm = 'deadline' | 'heartbeat'

/** How late a thread may wake on a busy machine; later, and the whole process may not have been running. */
const OVERSLEPT_MS = 100

/** Later than this, and it was not: near SIGKILL nobody gets more time because the machine is busy. */
const SUSPENDED_MS = 1_000

/** The longest sleep: what the thread was told meanwhile is memory until it wakes. And the shortest. */
const LONGEST_SLEEP_MS = 5_000
const SHORTEST_SLEEP_MS = 10

/** How often in a heartbeat main beats. */
export const BEATS_PER_HEARTBEAT = 8

/** How often in a reserve main beats while a shutdown runs. */
export const BEATS_PER_RESERVE = 8

/** When to sleep and when to bark: the watchdog's judgement, no I/O. */
export class Vigil {
  readonly #heartbeatMs: number
  /** Nobody is blamed for the time before: somebody slept, or a debugger held main. */
  #freshFrom = 0
  /** The same near the deadline, where time is short. */
  #resumedAt = 0
  #isReady = false
  #askedMs = Infinity
  #asleepAt = 0

  constructor(heartbeatMs = Infinity) {
    this.#heartbeatMs = heartbeatMs
  }

  /** How long to sleep from now on. */
  sleepMs(now: number, { deadline }: Sight): number {
    const { at = Infinity, reserveMs = 0 } = deadline ?? {}
    const look = at > now ? at - now : at + reserveMs / 2 > now ? at + reserveMs / 2 - now : reserveMs / 8
    const slice = Math.min(look, this.#heartbeatMs / BEATS_PER_HEARTBEAT, LONGEST_SLEEP_MS)
    this.#asleepAt = now
    this.#askedMs = Math.max(SHORTEST_SLEEP_MS, slice)
    return this.#askedMs
  }

  /** Everything should be over, and is not. True once. */
  isTimeToGetReady(now: number, { deadline }: Sight): boolean {
    if (this.#isReady || !deadline || now < deadline.at) return false
    this.#isReady = true
    return true
  }

  /**
   * What to do on waking. Whoever overslept was suspended, by SIGSTOP or with the whole machine, and so was main: it gets
   * all its time again.
   */
  woke(now: number, sight: Sight): Alarm | undefined {
    const lateMs = now - this.#asleepAt - this.#askedMs
    if (lateMs > OVERSLEPT_MS) this.#freshFrom = now
    if (lateMs > SUSPENDED_MS) this.#resumedAt = now
    const { beatAt, deadline } = sight
    const blockedMs = now - Math.max(beatAt ?? 0, this.#freshFrom)
    // The first beat comes when the app has been loaded, which may take long.
    if (beatAt !== undefined && blockedMs >= this.#heartbeatMs * (1 + 1 / BEATS_PER_HEARTBEAT)) return 'heartbeat'
    if (!deadline || now < deadline.at + deadline.reserveMs / 2) return undefined
    // A loop that turns, or tells already, is about to end the process by itself; SIGKILL waits for nobody, though.
    const isLast = now >= Math.max(deadline.at + (deadline.reserveMs * 3) / 4, this.#resumedAt + deadline.reserveMs / 2)
    return isLast || (!sight.isTelling && this.blockedMs(now, sight) >= deadline.reserveMs / 4) ? 'deadline' : undefined
  }

  /** Since when the event loop has not turned, as far as it is to blame. */
  blockedMs(now: number, { beatAt = 0 }: Sight): number {
    return now - Math.max(beatAt, this.#resumedAt)
  }

  /** Main was held, and nobody is to blame. */
  freshPeriod(now: number): void {
    this.#freshFrom = now
    this.#resumedAt = now
  }
}
