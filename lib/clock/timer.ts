import { clearTimeout, setTimeout } from '../real-time.ts'

/** Above this setTimeout fires at once, with a warning. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Calls `fire` after `ms`, however long that is, and returns what cancels it. It holds the event loop: a hook that
 * waits for something unref'd must not end the process with code 0 in the middle of a shutdown.
 */
export function startTimer(ms: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout
  const arm = (left: number): void => {
    timer = left > LONGEST_MS ? setTimeout(() => arm(left - LONGEST_MS), LONGEST_MS) : setTimeout(fire, left)
  }
  arm(Math.max(0, ms))
  return () => clearTimeout(timer)
}
