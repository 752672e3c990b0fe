import { deadlineFrom } from '../clock/deadline.ts'
import { gracePeriod } from '../kubernetes/grace-period.ts'

/**
 * What the command finds in TERMINATION_GRACE_PERIOD_SECONDS: the time it will have between the stop signal and SIGKILL.
 * Whole seconds, rounded down, since programs of any language read it with their `int()`; never under 1, since a
 * lastcall below us takes no less.
 */
export function stopSeconds(terminationGracePeriodSeconds: number | undefined): number {
  const { at } = deadlineFrom(0, gracePeriod(terminationGracePeriodSeconds).seconds * 1000)
  return Math.max(1, Math.floor(at / 1000))
}
