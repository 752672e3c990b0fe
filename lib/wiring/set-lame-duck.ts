import type { Cluster } from 'node:cluster'
import { deadlineFrom, monotonicNow } from '../clock/deadline.ts'
import type { Hook, HookContext } from '../hooks/hook.ts'
import { LameDuck } from '../serving/lame-duck/lame-duck.ts'
import type { CheckedLameDuck } from '../serving/lame-duck/options.ts'
import { TIMES } from '../serving/lame-duck/times.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'

export interface LameDuckJoint {
  readonly options: CheckedLameDuck
  readonly story: ShutdownStory
  readonly add: (hook: Hook) => () => void
  readonly isReady: () => boolean
  /** Whether it is a path of ours that asks whether we live. */
  readonly isOurProbe: (url: string) => boolean
  /** When the pod's end began, on our clock, as its own object says; undefined where that is not known. */
  readonly deletionStartedAt: () => number | undefined
}

/** The lame duck of this shutdown; none outside a cluster, where nobody routes to us, and nothing is watched there. */
export function setLameDuck({
  options,
  story,
  isOurProbe,
  deletionStartedAt,
  ...joint
}: LameDuckJoint): LameDuck | undefined {
  if (!process.env.KUBERNETES_SERVICE_HOST || options.lameDuckMs === 0) return undefined
  return new LameDuck({
    ...options,
    ...joint,
    ...{ now: monotonicNow, times: TIMES, stopping: story.stopping.signal },
    probes: { isProbe: options.isProbe, isOurs: isOurProbe },
    beganAgoMs: () => Math.max(preStopMs(story), monotonicNow() - (deletionStartedAt() ?? Infinity)),
    deadline: () => deadlineFrom(monotonicNow(), story.goneInMs),
    // The state is suspect: what drains has to go.
    mustEnd: () => (story.chronicle.hasErrors ? 'an uncaught error came' : undefined),
    whyNot: (context) => (isWorkerOfOurs(story, context) ? 'the primary of the cluster has had it' : undefined),
  })
}

/** The primary has closed the listener before it stops its workers: nothing new can come. */
function isWorkerOfOurs(story: ShutdownStory, { reason }: HookContext): boolean {
  const { isWorker } = process.getBuiltinModule('node:cluster') as unknown as Cluster
  return isWorker && (reason.kind === 'parent' || story.chronicle.begun?.grace.source === 'parent')
}

/** What the pod's own preStop hook has taken before the signal: the routing has had that time already. */
function preStopMs(story: ShutdownStory): number {
  return (story.chronicle.begun?.grace.preStopSeconds ?? 0) * 1000
}
