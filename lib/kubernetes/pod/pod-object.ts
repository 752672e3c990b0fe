/** What of a core/v1 Pod we need; whatever is not as the API describes it is left out. */
export interface PodObject {
  readonly uid: string | undefined
  readonly createdAt: number | undefined
  readonly deletionTimestamp: string | undefined
  /** The same as milliseconds of wall-clock time. */
  readonly dueAt: number | undefined
  readonly deletionGracePeriodSeconds: number | undefined
  readonly terminationGracePeriodSeconds: number | undefined
  readonly containers: readonly PodContainer[]
}

export interface PodContainer {
  readonly name: string
  /** A grace period of their own; the kubelet takes it where the pod is not being deleted. */
  readonly startupProbe: number | undefined
  readonly livenessProbe: number | undefined
  /** Of a preStop hook of the kind `sleep`. */
  readonly preStopSleep: number | undefined
}

type Json = { readonly [key: string]: unknown }

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export function readPod(object: unknown): PodObject | undefined {
  const { kind, metadata, spec } = json(object)
  if (kind !== 'Pod') return undefined
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = json(metadata)
  const { terminationGracePeriodSeconds, containers, initContainers } = json(spec)
  const dueAt = time(deletionTimestamp)
  return {
    uid: typeof uid === 'string' ? uid : undefined,
    createdAt: time(creationTimestamp),
    deletionTimestamp: dueAt === undefined ? undefined : (deletionTimestamp as string),
    dueAt,
    deletionGracePeriodSeconds: seconds(deletionGracePeriodSeconds),
    terminationGracePeriodSeconds: seconds(terminationGracePeriodSeconds),
    containers: [...list(containers), ...list(initContainers).filter((one) => one.restartPolicy === 'Always')].map(
      (one) => ({
        name: String(one.name),
        startupProbe: seconds(json(one.startupProbe).terminationGracePeriodSeconds),
        livenessProbe: seconds(json(one.livenessProbe).terminationGracePeriodSeconds),
        preStopSleep: seconds(json(json(json(one.lifecycle).preStop).sleep).seconds),
      }),
    ),
  }
}

function json(value: unknown): Json {
  return Object(value) as Json
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(json) : []
}

function time(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function seconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
