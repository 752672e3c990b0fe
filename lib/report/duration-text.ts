/** 340 → `340 ms`, 2910 → `2.9 s`, 30000 → `30 s`: what a person needs to compare it with the grace period. */
export function durationText(ms: number): string {
  const whole = Math.round(ms)
  if (Math.abs(whole) < 1_000) return `${whole} ms`
  return `${Number((whole / 1_000).toFixed(whole < 100_000 ? 1 : 0))} s`
}
