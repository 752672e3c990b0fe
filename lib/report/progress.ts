import { clearInterval, setInterval } from '../real-time.ts'
import { durationText } from './duration-text.ts'
import { firstFew, oneLine } from './one-line.ts'

/** What is being waited for, and how long that may still take. */
export interface Waiting {
  readonly running: readonly { readonly name: string; readonly phase: string }[]
  /** Until the deadline. */
  readonly remainingMs: number
  /** From the deadline to SIGKILL. */
  readonly reserveMs: number
}

/** The part of a terminal that is used. */
export interface Screen {
  readonly columns?: number
  write(text: string): unknown
}

const EVERY_MS = 1_000

/** Back to the first column, and erase the line. */
const ERASE = '\r\x1b[K'

/**
 * Says on a terminal, once a second, what a shutdown is waiting for; a shutdown under a second shows nothing. Returns
 * what ends it and erases the line.
 */
export function startProgress(screen: Screen, look: () => Waiting): () => void {
  // It cannot erase: the lines would pile up.
  if (process.env.TERM === 'dumb') return () => {}
  let isDrawn = false
  const timer = setInterval(() => {
    const line = progressLine(look())
    // A line that wraps could not be erased: \r returns to the start of its last row.
    screen.write(ERASE + cutTo((screen.columns || 80) - 1, line))
    isDrawn = true
  }, EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (isDrawn) screen.write(ERASE)
    isDrawn = false
  }
}

export function progressLine({ running, remainingMs, reserveMs }: Waiting): string {
  const names = running.map(({ name, phase }) => `${oneLine(name, 60)} (${phase})`)
  const what = names.length > 0 ? `waiting for ${firstFew(names, 3, ', ')}` : 'stopping'
  return `lastcall: ${what}, up to ${inSeconds(remainingMs)} more; then SIGKILL is ${durationText(reserveMs)} away`
}

/** Always one decimal under ten seconds, so that the line does not change its length every second. */
function inSeconds(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`
}

function cutTo(columns: number, line: string): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`
}
