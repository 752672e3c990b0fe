/** The numbers of the rule, in milliseconds where they are times. A test scales them all together. */
export interface Times {
  /** Pauses and counts are kept for two windows of this length, the one before and the one that runs. */
  readonly windowMs: number
  /** Nobody is judged who is known for a shorter time, and nothing ends early in a process that has listened for less. */
  readonly knownMs: number
  /** So long a process must have listened where no source speaks for itself. */
  readonly aloneMs: number
  /** A source that was not seen for so long gives its place to another when the table is full. */
  readonly unseenMs: number
  /** How often a full table is tidied. */
  readonly tidyMs: number
  /** How often the rule is asked. */
  readonly everyMs: number
  /** A source is gone when it was silent for so many of its longest pauses. */
  readonly pauseFactor: number
  /** How many connections the rare sources together may be expected to open in the time left. */
  readonly rest: number
  /** How many sources are kept. */
  readonly most: number
}

export const TIMES: Times = {
  windowMs: 300_000,
  knownMs: 60_000,
  aloneMs: 300_000,
  unseenMs: 600_000,
  tidyMs: 60_000,
  everyMs: 100,
  pauseFactor: 2,
  rest: 0.02,
  most: 256,
}
