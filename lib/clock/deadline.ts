import { performance } from '../real-time.ts'

/** Monotonic time, in milliseconds. Wall-clock time jumps: it is never used to measure. */
export type Now = () => number

export const monotonicNow: Now = () => performance.now()

/** The instant by which every hook has ended: start + grace period − reserve. */
export interface Deadline {
  /** When the shutdown began, on the monotonic clock, in milliseconds. */
  readonly startedAt: number
  /** When every hook has ended, on the same clock. */
  readonly at: number
  /** When the platform kills, on the same clock. */
  readonly killAt: number
  readonly reserveMs: number
}

/**
 * Time kept free before SIGKILL, in milliseconds, for the report, the output and the exit: 1 s, at most a tenth of the
 * grace period, never under 200 ms.
 */
export function reserveMs(graceMs: number): number {
  return Math.max(200, Math.min(1_000, graceMs / 10))
}

export function deadlineFrom(startedAt: number, graceMs: number): Deadline {
  const reserve = Math.min(reserveMs(graceMs), graceMs)
  return { startedAt, at: startedAt + graceMs - reserve, killAt: startedAt + graceMs, reserveMs: reserve }
}

export function remainingMs(deadline: Deadline, now: Now): number {
  return Math.max(0, deadline.at - now())
}

/** For the log: `4499 ms left`. */
export function leftText(deadline: Deadline, now: Now): string {
  return `${Math.round(remainingMs(deadline, now))} ms left`
}
