import { inWorkerThread } from '../children/adopt/thread-channel.ts'
import type { Grace } from '../clock/cascade.ts'
import { monotonicNow } from '../clock/deadline.ts'
import type { Hook } from '../hooks/hook.ts'
import type { HookList } from '../hooks/hook-list.ts'
import { inCluster } from '../kubernetes/pod/in-cluster.ts'
import { OwnPod } from '../kubernetes/pod/own-pod.ts'
import { MESSAGE_BYTES, type PodEnd } from '../kubernetes/pod/pod-event.ts'
import type { PodOptions } from '../kubernetes/pod/pod-options.ts'
import type { CallOutcome, PodReport } from '../kubernetes/pod/pod-report.ts'
import { printOnStderr } from '../on-stderr.ts'
import { TREE_COOKIE } from '../process-tree/cookie.ts'
import { buildReport } from '../report/build-report.ts'
import { oneLine } from '../report/one-line.ts'
import { reportLine } from '../report/report-text.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'

export interface OwnPodSetup {
  /** Undefined: the pod is left alone. */
  readonly plan: Required<PodOptions> | undefined
  readonly story: ShutdownStory
  readonly hooks: HookList
  readonly add: (hook: Hook) => () => void
  readonly grace: Grace & { readonly preStopSeconds?: number }
}

/** What the others may ask of our own pod; see `OwnPod`. */
export type OwnPodView = Pick<OwnPod, 'deleted' | 'deletionStartedAt' | 'over'>

const LEFT_ALONE: OwnPodView = { deleted: () => undefined, deletionStartedAt: () => undefined, over: () => {} }

const EVENT_HOOK = 'event on the pod'

/** Within its own network a request takes some tens of milliseconds. */
const EVENT_MS = 2_000

/** So that it ends by itself, before its hook is ended. */
const IN_TIME = 0.9

/** Of these begins somebody outside stops the container, and SIGKILL follows. */
const STOPS = ['signal', 'prestop']

/** Asks for our own pod when the shutdown begins, moves the deadline to what it says, and tells the pod how it ended. */
export function joinOwnPod({ plan, story, hooks, add, grace }: OwnPodSetup): OwnPodView {
  // One process, one question: a thread's deadline is its adopter's.
  if (!plan || inWorkerThread()) return LEFT_ALONE
  const { chronicle } = story
  const cluster = inCluster(plan.serviceAccount)
  if (typeof cluster === 'string') {
    printOnStderr(`lastcall: the API server cannot be asked for our own pod: ${cluster}.\n`)
    chronicle.note({ pod: { outcome: 'failed', why: cluster, tookMs: 0 } })
    return LEFT_ALONE
  }
  const sayOnce = sayer()
  const ownPod = new OwnPod({
    ...{ cluster, watch: plan.watch, preStopSeconds: grace.preStopSeconds },
    noted: (pod) => {
      chronicle.note({ pod })
      sayOnce(pod)
    },
    killAt: (killAt, isFirst) => story.learned(killAt, 'pod', isFirst && mayBeLater(chronicle.begun?.grace)),
  })
  const event = (after: readonly string[]): (() => void) =>
    plan.event ? add(eventHook(ownPod, story, after)) : () => {}
  const replace = event([])
  story.stopping.signal.addEventListener('abort', () => {
    const { begun } = chronicle
    if (!begun) return
    ownPod.begin(begun.deadline.startedAt, STOPS.includes(begun.reason.kind))
    // Now, when all others are known: it comes after them, and so has its own part of flush's time.
    replace()
    event(hooks.of('flush').map(({ name }) => name))
  })
  return ownPod
}

/** A Role that was forgotten shows in the report alone, which few read: each thing that went wrong is said, once. */
function sayer(): (pod: PodReport) => void {
  const said = new Set<string>()
  const say = (text: string): void => {
    if (!said.has(text)) printOnStderr(`lastcall: ${oneLine(text, 500)}\n`)
    said.add(text)
  }
  const isFault = ({ outcome }: { outcome: CallOutcome }): boolean => !['asked', 'answered'].includes(outcome)
  return (pod) => {
    const { outcome, why, watch, event } = pod
    if (isFault(pod)) say(`our own pod: ${outcome} (${why}). The deadline is as without it.`)
    if (watch && isFault(watch)) say(`our own pod is not watched: ${watch.outcome} (${watch.why})`)
    if (event && isFault(event)) say(`no event on our own pod: ${event.outcome} (${event.why})`)
  }
}

/** What the app has said holds, and below a lastcall the parent kills at its own time. */
function mayBeLater(grace: Grace | undefined): boolean {
  return grace !== undefined && !['option', 'parent'].includes(grace.source) && process.env[TREE_COOKIE] === undefined
}

function eventHook(ownPod: OwnPod, story: ShutdownStory, after: readonly string[]): Hook {
  return {
    ...{ name: EVENT_HOOK, phase: 'flush', after, timeoutMs: undefined },
    // Our own part: it is told a moment before its time is over, and ends by itself.
    findings: () => ({}),
    run: ({ signal, remainingMs }) =>
      ownPod.tell(
        () => endOf(story),
        signal,
        () => Math.min(EVENT_MS, remainingMs() * IN_TIME),
      ),
  }
}

/** The report as it will be, the writing of the event left out. */
function endOf({ chronicle }: ShutdownStory): Omit<PodEnd, 'uid'> {
  const record = chronicle.record({
    onTerminal: false,
    appExitCode: process.exitCode === undefined || process.exitCode === null ? undefined : Number(process.exitCode),
  })
  if (!record) throw new Error('the shutdown has not begun')
  const outcomes = record.outcomes.filter(({ name }) => name !== EVENT_HOOK)
  const moment = { ended: 'done', at: monotonicNow(), openHandles: [], orphans: undefined } as const
  const { report } = buildReport({ ...record, outcomes }, moment)
  const message = oneLine(reportLine(report).replace(/^lastcall: /, ''), MESSAGE_BYTES)
  return { isClean: report.outcome === 'clean', message, now: new Date() }
}
