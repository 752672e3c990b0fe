import { monotonicNow } from '../clock/deadline.ts'
import { turn } from '../real-time.ts'

/**
 * Resolves with a moment, on the monotonic clock, when what had arrived by then has been read. A busy machine may have let
 * us wait, while clients have asked: only then may one be called idle or silent.
 */
export async function arrivedIsRead(): Promise<number> {
  const at = monotonicNow()
  await turn()
  return at
}
