/** When a child that has ended is started again. */
export type RestartPolicy = 'never' | 'on-failure' | 'always'

/** The first delay doubles with each end, up to the longest. */
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 30_000

/** A run counts as stable, and the delay begins anew, once it was ready for ten times the last delay, and at least this. */
const STABLE_MS = 10_000
const STABLE_DELAYS = 10

/**
 * So many ends within so long are too many: OTP's intensity and period. As many runs in a row that were never ready are,
 * too, however long each took: with a limit of 30 s four of them fill more than the period.
 */
const TOO_MANY = 5
const WITHIN_MS = 60_000

/** Children that crash together must not come back together: a delay is shortened by up to a fifth. */
const JITTER = 0.2

/** What is remembered from one end to the next. */
export interface RestartMemory {
  /** When it ended, on the monotonic clock; those within the period. */
  readonly ends: readonly number[]
  /** Without jitter; 0 before the first. */
  readonly delayMs: number
  /** How many of the last runs, one after the other, were never ready. */
  readonly neverReady: number
}

export const NO_RESTARTS: RestartMemory = { ends: [], delayMs: 0, neverReady: 0 }

/** A run that is over. */
export interface EndedRun {
  /** A code other than 0, a signal that we did not send, or not ready in time. */
  readonly failed: boolean
  /** For how long it was ready; undefined where it never was. */
  readonly readyMs: number | undefined
}

export type RestartDecision =
  | { readonly action: 'restart'; readonly afterMs: number; readonly memory: RestartMemory }
  /** The policy wants no restart: it has done its work. */
  | { readonly action: 'end' }
  | { readonly action: 'give up'; readonly why: string }

/** Pure: the time and the chance are arguments. */
export function afterEnd(
  policy: RestartPolicy,
  run: EndedRun,
  memory: RestartMemory,
  now: number,
  random: number,
): RestartDecision {
  if (policy === 'never' || (policy === 'on-failure' && !run.failed)) return { action: 'end' }
  const ends = [...memory.ends.filter((at) => now - at < WITHIN_MS), now]
  if (ends.length >= TOO_MANY) {
    return { action: 'give up', why: `ended ${ends.length} times in ${Math.ceil((now - (ends[0] ?? now)) / 1000)} s` }
  }
  const neverReady = run.readyMs === undefined ? memory.neverReady + 1 : 0
  if (neverReady >= TOO_MANY) return { action: 'give up', why: `started ${neverReady} times and was never ready` }
  const isStable = (run.readyMs ?? 0) >= Math.max(STABLE_MS, STABLE_DELAYS * memory.delayMs)
  const delayMs = isStable || memory.delayMs === 0 ? FIRST_DELAY_MS : Math.min(2 * memory.delayMs, LONGEST_DELAY_MS)
  const afterMs = Math.round(delayMs * (1 - JITTER * random))
  return { action: 'restart', afterMs, memory: { ends, delayMs, neverReady } }
}
