import { durationText } from './duration-text.ts'

/** Milliseconds → columns of a drawing. */
export interface TimeScale {
  readonly endMs: number
  readonly columns: number
  /** The column of an instant, from 0; what lies outside is at the edge. */
  column(ms: number): number
  /** The two lines above a drawing: times, and the axis with its ticks. */
  readonly labels: string
  readonly axis: string
}

export function timeScale(endMs: number, columns: number): TimeScale {
  const column = (ms: number): number => Math.round((Math.min(Math.max(ms, 0), endMs) / endMs) * (columns - 1))
  const ticks = ticksOf(endMs, columns)
  const at = new Set(ticks.map(column))
  return {
    endMs,
    columns,
    column,
    labels: ticks.reduce((text, ms) => text.padEnd(column(ms)) + (ms === 0 ? '0' : durationText(ms)), ''),
    axis: Array.from({ length: columns }, (_, i) => (at.has(i) ? '┼' : '─')).join(''),
  }
}

/** At least eight columns apart, so that their times fit between them, at 1, 2 or 5 times a power of ten. */
function ticksOf(endMs: number, columns: number): number[] {
  const least = (endMs / columns) * 8
  const power = 10 ** Math.floor(Math.log10(least))
  const step = ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, i) => i * step)
}
