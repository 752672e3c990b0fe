import { wholeSeconds } from '../clock/cascade.ts'
import { deadlineFrom } from '../clock/deadline.ts'
import { gracePeriod } from '../kubernetes/grace-period.ts'

/** How long a command has between the stop signal and SIGKILL, in milliseconds. */
export function stopMs(terminationGracePeriodSeconds: number | undefined): number {
  return deadlineFrom(0, gracePeriod({ terminationGracePeriodSeconds }).seconds * 1000).at
}

/**
 * What the command finds in TERMINATION_GRACE_PERIOD_SECONDS: the time it will have between the stop signal and SIGKILL.
 */
export function stopSeconds(terminationGracePeriodSeconds: number | undefined): number {
  return wholeSeconds(stopMs(terminationGracePeriodSeconds))
}
