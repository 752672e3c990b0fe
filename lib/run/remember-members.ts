import type { Members } from '../process-tree/members.ts'
import { clearTimeout, performance, setTimeout } from '../real-time.ts'

/** A daemon detaches within milliseconds of its start: the first second is where nearly all of them are caught. */
const EARLY_MS = [20, 50, 100, 200, 400]

/**
 * One second later they would only be missed if they detached *and* overwrote their environment within it; a scan costs
 * about 15 µs a process, so that once a second is nothing in a container.
 */
const USUAL_MS = 1_000

/** On a machine with thousands of processes a scan takes tens of milliseconds: never over one part in a hundred. */
const COST_FACTOR = 100

/**
 * Scans while the command runs, so that members are remembered that later leave their group and hide their cookie.
 * Returns what ends it. It does not hold the event loop.
 */
export function rememberMembers(members: Members): () => void {
  let timer: NodeJS.Timeout
  let turn = 0
  const next = (delayMs: number): void => {
    timer = setTimeout(() => {
      const startedAt = performance.now()
      members.scan()
      const costMs = performance.now() - startedAt
      next(Math.max(EARLY_MS[turn++] ?? USUAL_MS, costMs * COST_FACTOR))
    }, delayMs).unref()
  }
  next(EARLY_MS[turn++] ?? USUAL_MS)
  return () => clearTimeout(timer)
}
