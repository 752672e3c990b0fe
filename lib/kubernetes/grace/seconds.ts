/** What is asked of a grace period wherever it comes from. */
export const RULE = 'a number of seconds, at least 1'

export function isGracePeriod(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value * 1000) && value >= 1
}

/** Of a text from the environment or a file; undefined where it is no grace period. */
export function readSeconds(text: string): number | undefined {
  const seconds = Number(text)
  return isGracePeriod(seconds) ? seconds : undefined
}
