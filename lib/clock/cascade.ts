import { guaranteeMs, overtimeMs } from './budget.ts'
import { deadlineFrom } from './deadline.ts'

/** How long the platform, or a parent, waits before SIGKILL, and how we know. */
export interface Grace {
  readonly seconds: number
  readonly source: string
  /** What the pod's own preStop hook takes of it before a signal comes; a shutdown that begins otherwise had none. */
  readonly preStopSeconds?: number
  /** Sources that had a say and could not be used, in words. */
  readonly ignored?: readonly string[]
}

/**
 * The grace period of a child whose parent kills it in `leftMs`. What the environment says is the worst case, which the
 * parent knew at the start: now it knows better. What the app itself said may only be shorter.
 */
export function graceFromParent(own: Grace, leftMs: number): Grace {
  // The moment has passed, and nobody was killed: whoever stops us now is somebody else.
  if (leftMs <= 0) return own
  const seconds = secondsOf(leftMs)
  if (own.source === 'option' && own.seconds <= seconds) return { seconds: own.seconds, source: 'option' }
  return { seconds, source: 'parent', ...(own.ignored && { ignored: own.ignored }) }
}

/** For a report: a whole number of milliseconds, and never nothing. */
export function secondsOf(ms: number): number {
  return Math.max(1, Math.round(ms)) / 1000
}

/**
 * How long a child has between its stop signal and SIGKILL, in milliseconds, as far as the parent knows when it starts
 * the child: its own limit, or what the phase `children` is guaranteed however long the phases before it take.
 */
export function childStopMs(graceMs: number, stopTimeoutMs: number | undefined): number {
  const { at, reserveMs } = deadlineFrom(0, graceMs)
  if (stopTimeoutMs !== undefined) return Math.min(stopTimeoutMs, at)
  const limitMs = guaranteeMs('children', at, new Set(['children']))
  return limitMs - overtimeMs(limitMs, reserveMs)
}

/**
 * What a child finds in TERMINATION_GRACE_PERIOD_SECONDS. Whole seconds, rounded down, since programs of any language
 * read it with their `int()`; never under 1, since a lastcall takes no less.
 */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.floor(ms / 1000))
}
