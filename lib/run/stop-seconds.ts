import { deadlineFrom } from '../clock/deadline.ts'
import { gracePeriod } from '../kubernetes/grace-period.ts'

/** How long a command has between the stop signal and SIGKILL, in milliseconds. */
export function stopMs(terminationGracePeriodSeconds: number | undefined): number {
  return deadlineFrom(0, gracePeriod(terminationGracePeriodSeconds).seconds * 1000).at
}

/**
 * What the command finds in TERMINATION_GRACE_PERIOD_SECONDS: the time it will have between the stop signal and SIGKILL.
 * Whole seconds, rounded down, since programs of any language read it with their `int()`; never under 1, since a
 * lastcall below us takes no less.
 */
export function stopSeconds(terminationGracePeriodSeconds: number | undefined): number {
  return Math.max(1, Math.floor(stopMs(terminationGracePeriodSeconds) / 1000))
}
