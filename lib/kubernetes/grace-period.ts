import { LastcallError } from '../errors.ts'
import { badOption, show } from '../options.ts'

/** How long the platform waits between the stop signal and SIGKILL, and how we know. */
export interface GracePeriod {
  readonly seconds: number
  /** `option`, `TERMINATION_GRACE_PERIOD_SECONDS`, or `default`. */
  readonly source: string
}

/** What Kubernetes takes when a pod does not say. @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
const DEFAULT_SECONDS = 30

const VARIABLE = 'TERMINATION_GRACE_PERIOD_SECONDS'

/** The first that is known: the option, the environment, Kubernetes' own default. */
export function gracePeriod(option: unknown): GracePeriod {
  if (option !== undefined) {
    if (!isGracePeriod(option)) {
      throw badOption('terminationGracePeriodSeconds', 'a number of seconds, at least 1', option, 'Write 30.')
    }
    return { seconds: option, source: 'option' }
  }
  const text = process.env[VARIABLE]
  if (text === undefined || text === '') return { seconds: DEFAULT_SECONDS, source: 'default' }
  const seconds = Number(text)
  if (!isGracePeriod(seconds)) {
    throw new LastcallError(
      'ERR_LASTCALL_OPTION',
      `the environment variable ${VARIABLE} must be a number of seconds, at least 1, got ${show(text)}. ` +
        "Set it to the pod's terminationGracePeriodSeconds.",
    )
  }
  return { seconds, source: VARIABLE }
}

function isGracePeriod(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value * 1000) && value >= 1
}
