import { clearTimeout, setTimeout } from '../real-time.ts'
import { monotonicNow } from './deadline.ts'

/** Above this setTimeout fires at once, with a warning. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Calls `fire` after `ms`, however long that is, and returns what cancels it. It holds the event loop: a hook that
 * waits for something unref'd must not end the process with code 0 in the middle of a shutdown. Never early: Node counts
 * from when the loop last looked at the clock, which may be many milliseconds ago.
 */
export function startTimer(ms: number, fire: () => void): () => void {
  const dueAt = monotonicNow() + ms
  let timer: NodeJS.Timeout
  const arm = (): void => {
    timer = setTimeout(look, Math.min(Math.max(0, dueAt - monotonicNow()), LONGEST_MS))
  }
  const look = (): void => (dueAt - monotonicNow() >= 1 ? arm() : fire())
  arm()
  return () => clearTimeout(timer)
}
