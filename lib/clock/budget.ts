import { PHASES, type Phase } from './phases.ts'

/** What a phase is guaranteed of the time that remains when the shutdown begins. */
export interface Share {
  /** A part of what remains, 0 to 1. */
  readonly part: number
  /** Never more than this, in milliseconds. */
  readonly maxMs: number
}

/** The numbers of the clock: they stand here alone. preStop comes first, so nobody before it could eat its share. */
export const SHARES: Readonly<Record<Phase, Share>> = {
  preStop: { part: 0, maxMs: 0 },
  drain: { part: 0.2, maxMs: 10_000 },
  children: { part: 0.2, maxMs: 10_000 },
  close: { part: 0.1, maxMs: 3_000 },
  flush: { part: 0.1, maxMs: 3_000 },
}

/** The lame duck never takes more than this part of what remains; with less than so many milliseconds there is none. */
export const LAME_DUCK = { part: 0.4, leastMs: 5_000 } as const

/** After an uncaught error the state is suspect: drain gets its share and no leftovers. */
export type Pace = 'full' | 'short'

/** What `phase` is guaranteed, in milliseconds, of a shutdown that began with `totalMs` until its deadline. */
export function guaranteeMs(phase: Phase, totalMs: number, used: ReadonlySet<Phase>): number {
  if (!used.has(phase)) return 0
  const share = SHARES[phase]
  return Math.min(share.part * Math.max(0, totalMs), share.maxMs)
}

/**
 * How long `phase` may run, in milliseconds, when it starts with `remainingMs` until the deadline: all of it less what
 * the later phases are guaranteed. So what a phase leaves unused belongs to the later ones.
 */
export function phaseLimitMs(
  phase: Phase,
  budget: { readonly totalMs: number; readonly remainingMs: number; readonly used: ReadonlySet<Phase> },
  pace: Pace = 'full',
): number {
  const later = PHASES.slice(PHASES.indexOf(phase) + 1)
  const kept = later.reduce((sum, next) => sum + guaranteeMs(next, budget.totalMs, budget.used), 0)
  const limit = Math.max(0, budget.remainingMs - kept)
  return pace === 'short' && phase === 'drain'
    ? Math.min(limit, guaranteeMs(phase, budget.totalMs, budget.used))
    : limit
}

/** What a hook leaves, at the least, to each hook of its phase that waits for it, in milliseconds. */
const KEPT_FOR_NEXT_MS = 1_000

/**
 * How long a hook may run, in milliseconds, when its phase has `phaseRemainingMs` left and `levelsAfter` more hooks
 * wait for it one after the other. Without this a hung broker would leave nothing to the pool that closes after it.
 */
export function hookLimitMs(phaseRemainingMs: number, levelsAfter: number): number {
  const remaining = Math.max(0, phaseRemainingMs)
  return remaining - levelsAfter * Math.min(KEPT_FOR_NEXT_MS, remaining / (levelsAfter + 1))
}

/**
 * What our own parts get beyond their limit, in milliseconds, to kill or force what is left and count it: they are told
 * so much earlier.
 */
export function overtimeMs(limitMs: number, reserveMs: number): number {
  return Math.min(reserveMs / 2, limitMs / 10)
}
