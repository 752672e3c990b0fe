/** A request, by our two clocks and by the `Date` of its answer, all in milliseconds. */
export interface Exchange {
  readonly tookMs: number
  /** Wall-clock time when the answer had come. */
  readonly wallTime: number
  readonly date: number | undefined
}

/** A disagreement below this is no news. */
const TOLERANCE_MS = 1_000

/**
 * What the API server's clock shows when its answer has come. `Date` has whole seconds and was written somewhere in the
 * time that the request took, so it tells a range: where our clock is within it, ours is the better one; where it is not,
 * the latest moment of the range, so that a deadline reckoned from it is early, never late.
 */
export function serverTime({ tookMs, wallTime, date }: Exchange): { serverTime: number; clockAheadMs?: number } {
  if (date === undefined) return { serverTime: wallTime }
  const latest = date + 1_000 + tookMs
  if (wallTime >= date - TOLERANCE_MS && wallTime <= latest + TOLERANCE_MS) return { serverTime: wallTime }
  return { serverTime: latest, clockAheadMs: Math.round(wallTime - latest) }
}
