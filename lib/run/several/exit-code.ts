import { constants } from 'node:os'
import { type ChildEnd, exitCodeOf as ownCode } from '../../children/life/child-end.ts'

/** How a command ended for good. */
export interface CommandEnd extends ChildEnd {
  readonly name: string
  readonly pid: number
  /** Out of restarts, or never ready. */
  readonly failed: boolean
  /** What it was told to stop with; undefined where it ended by itself. */
  readonly told: NodeJS.Signals | undefined
}

/**
 * What `run` ends with: the code of the significant command whose end stopped everything; else that of the first command
 * that failed; else 0. `ends` are in the order in which they came.
 */
export function exitCodeOf(ends: readonly CommandEnd[], significant: string | undefined): number {
  const decides = ends.find((end) => end.name === significant) ?? ends.find((end) => end.failed || !isClean(end))
  if (!decides) return 0
  // One that was never ready may have ended with 0 when it was told to.
  return ownCode(decides) || (decides.failed ? 1 : 0)
}

/** A program without a handler dies of the stop signal, and a shell above it says so with 128 + n: it did as it was told. */
function isClean(end: CommandEnd): boolean {
  if (end.code === 0) return true
  return end.told !== undefined && ownCode(end) === 128 + constants.signals[end.told]
}
