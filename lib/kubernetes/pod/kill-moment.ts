import type { PodContainer, PodObject } from './pod-object.ts'
import type { PodReport } from './pod-report.ts'

/** When a pod was looked at. */
export interface Sight {
  /** On our monotonic clock, in milliseconds. */
  readonly at: number
  /** The same moment on the API server's clock, in milliseconds of wall-clock time. */
  readonly serverTime: number
}

/** When SIGKILL comes, on our monotonic clock. */
export interface KillMoment {
  readonly killAt: number
  readonly from: NonNullable<PodReport['reckonedFrom']>
}

/**
 * However much a preStop hook took, the kubelet leaves 2 s between the stop signal and SIGKILL.
 * @see minimumGracePeriodInSeconds in pkg/kubelet/kuberuntime of Kubernetes
 */
const LEAST_MS = 2_000

/** What is left until the moment that the API server has set: never under nothing, never over the whole grace period. */
export function leftMs(pod: PodObject, { serverTime }: Sight): number | undefined {
  const { dueAt, deletionGracePeriodSeconds } = pod
  if (dueAt === undefined) return undefined
  return Math.max(0, Math.min(dueAt - serverTime, (deletionGracePeriodSeconds ?? Infinity) * 1_000))
}

/** When the deletion began, on our monotonic clock: never in the future. */
export function deletionBegan(pod: PodObject, sight: Sight): number | undefined {
  const left = leftMs(pod, sight)
  if (left === undefined || pod.deletionGracePeriodSeconds === undefined) return undefined
  return sight.at + left - pod.deletionGracePeriodSeconds * 1_000
}

/** Of a pod that is being deleted. `begunAt` is our stop signal, on the monotonic clock. */
export function killOfDeletion(pod: PodObject, sight: Sight, begunAt: number): KillMoment | undefined {
  const left = leftMs(pod, sight)
  if (left === undefined) return undefined
  return { killAt: Math.max(begunAt + LEAST_MS, sight.at + left), from: 'deletionTimestamp' }
}

/**
 * A stop signal, and nobody deletes the pod: a failed probe, node pressure or a node's end, and the pod does not say
 * which. The smallest limit that it names, less what its preStop hook took.
 */
export function killWithoutDeletion(
  pod: PodObject,
  container: string | undefined,
  preStopSeconds: number | undefined,
  begunAt: number,
): KillMoment | undefined {
  const ours = containerOf(pod, container)
  const limits = [
    ['startupProbe', ours?.startupProbe],
    ['livenessProbe', ours?.livenessProbe],
    ['spec', pod.terminationGracePeriodSeconds],
  ] as const
  const known = limits.filter((one): one is [(typeof one)[0], number] => one[1] !== undefined)
  const [first] = known.sort(([, a], [, b]) => a - b)
  if (!first) return undefined
  const [from, seconds] = first
  const spentMs = (preStopSeconds ?? ours?.preStopSleep ?? 0) * 1_000
  return { killAt: begunAt + Math.max(LEAST_MS, seconds * 1_000 - spentMs), from }
}

/** By its name, else the only one. */
function containerOf({ containers }: PodObject, name: string | undefined): PodContainer | undefined {
  return name === undefined && containers.length === 1 ? containers[0] : containers.find((one) => one.name === name)
}
