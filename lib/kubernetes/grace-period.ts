import { badOption, show } from '../options.ts'
import { checkGraceFile, readGraceFile } from './grace/grace-file.ts'
import { platform } from './grace/platforms.ts'
import { isGracePeriod, RULE, readSeconds } from './grace/seconds.ts'

/** What an app says of its grace period. */
export interface GraceOptions {
  readonly terminationGracePeriodSeconds?: number | undefined
  readonly gracePeriodFile?: string | undefined
  readonly preStopSeconds?: number | undefined
}

/** How long the platform waits between the stop signal and SIGKILL, and how we know. */
export interface GracePeriod {
  readonly seconds: number
  /** `option`, `TERMINATION_GRACE_PERIOD_SECONDS`, `gracePeriodFile`, the name of a platform, or `default`. */
  readonly source: string
  /** What the pod's own preStop hook takes of it before the signal. */
  readonly preStopSeconds?: number
  /** Sources that had a say, and could not be used. */
  readonly ignored?: readonly string[]
}

/** What Kubernetes takes when a pod does not say. @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
const DEFAULT_SECONDS = 30

const VARIABLE = 'TERMINATION_GRACE_PERIOD_SECONDS'

/**
 * The first that is known: the option, the environment, a file of the downward API, the platform's own rule, Kubernetes'
 * default. The app's own slip throws; what others wrote into the environment or a file must not keep it from starting.
 */
export function gracePeriod(given: GraceOptions): GracePeriod {
  const { terminationGracePeriodSeconds: option, preStopSeconds = 0 } = given
  if (option !== undefined && !isGracePeriod(option)) {
    throw badOption('terminationGracePeriodSeconds', RULE, option, 'Write 30.')
  }
  checkGraceFile(given.gracePeriodFile)
  checkPreStop(preStopSeconds, option)
  const ignored: string[] = []
  const found =
    option === undefined ? fromOutside(given.gracePeriodFile, ignored) : { seconds: option, source: 'option' }
  if (preStopSeconds >= found.seconds) {
    ignored.push(
      `preStopSeconds (${preStopSeconds}) leaves nothing of it: 2 s are taken, which the kubelet leaves at least`,
    )
  }
  return { ...found, ...(preStopSeconds > 0 && { preStopSeconds }), ...(ignored.length > 0 && { ignored }) }
}

function fromOutside(file: string | undefined, ignored: string[]): GracePeriod {
  const text = process.env[VARIABLE]
  if (text !== undefined && text !== '') {
    const seconds = readSeconds(text)
    if (seconds !== undefined) return { seconds, source: VARIABLE }
    ignored.push(`${VARIABLE} is no ${RULE.replace('a number', 'number')}, as 60: ${show(text)}`)
  }
  if (file !== undefined) {
    const read = readGraceFile(file)
    if (typeof read === 'number') return { seconds: read, source: 'gracePeriodFile' }
    ignored.push(`gracePeriodFile ${file} ${read}`)
  }
  const { name: source, seconds } = platform() ?? { name: 'default', seconds: DEFAULT_SECONDS }
  return { seconds, source }
}

function checkPreStop(preStopSeconds: unknown, graceSeconds: number | undefined): void {
  const isSeconds = typeof preStopSeconds === 'number' && preStopSeconds >= 0 && Number.isFinite(preStopSeconds * 1_000)
  if (!isSeconds) throw badOption('preStopSeconds', 'a number of seconds, at least 0', preStopSeconds, 'Write 5.')
  if (graceSeconds === undefined || preStopSeconds < graceSeconds) return
  const rule = `less than terminationGracePeriodSeconds (${graceSeconds})`
  throw badOption('preStopSeconds', rule, preStopSeconds, 'Make the grace period longer, in the manifest and here.')
}
