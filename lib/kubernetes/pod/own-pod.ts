import { debugLog } from '../../debug-log.ts'
import { performance, turn } from '../../real-time.ts'
import { type Answer, ask, TOO_LATE } from './ask.ts'
import type { InCluster } from './in-cluster.ts'
import { deletionBegan, killOfDeletion, killWithoutDeletion, type Sight } from './kill-moment.ts'
import { type PodEnd, podEvent } from './pod-event.ts'
import { type PodObject, readPod } from './pod-object.ts'
import type { PodOptions } from './pod-options.ts'
import type { PodReport } from './pod-report.ts'
import { watchPod } from './pod-watch.ts'
import { serverTime } from './server-time.ts'

/** Some tens of milliseconds are usual; whoever answers later than this has other troubles. */
const ASK_MS = 3_000

/** After its start a process cannot find itself in a pod that is younger; clocks may differ by this much. */
const TOLERANCE_MS = 10_000

/** The kubelet kills 2 s after it has heard of a shorter deadline, at the earliest; we may have heard of it before. */
const LEAST_NOTICE_MS = 1_000

const debug = debugLog('pod')

export interface OwnPodSetup extends Required<Pick<PodOptions, 'watch'>> {
  readonly cluster: InCluster
  readonly preStopSeconds: number | undefined
  /** How long an answer may take, in milliseconds; nothing waits for it. */
  readonly askMs?: number
  /** When SIGKILL comes, on our monotonic clock; `isFirst` for the answer at the begin, which may be later, too. */
  readonly killAt: (killAt: number, isFirst: boolean) => void
  readonly noted: (report: PodReport) => void
}

/** Our own pod, as the API server knows it: asked for once when the shutdown begins, and never waited for. */
export class OwnPod {
  readonly #setup: OwnPodSetup
  readonly #over = new AbortController()
  #report: PodReport
  #startedAt = 0
  #clockAheadMs = 0
  #seen: { readonly pod: PodObject; readonly sight: Sight } | undefined
  #asked: Promise<void> = Promise.resolve()

  constructor(setup: OwnPodSetup) {
    this.#setup = setup
    const { namespace, name } = setup.cluster
    this.#report = { outcome: 'asked', why: TOO_LATE, tookMs: 0, namespace, name }
  }

  /** Whether somebody deletes the pod, or has deleted it by force. Undefined: not known, or not yet. */
  deleted(): boolean | undefined {
    if (this.#seen) return this.#seen.pod.dueAt !== undefined
    const { outcome } = this.#report
    // Under `hostNetwork` the host's name is no pod's, and says nothing.
    const isGone = outcome === 'another pod' || (outcome === 'not found' && this.#setup.cluster.isNameGiven)
    return isGone ? true : undefined
  }

  /** When the deletion began, on our monotonic clock in milliseconds. Undefined: not known, not yet, or there is none. */
  deletionStartedAt(): number | undefined {
    return this.#seen && deletionBegan(this.#seen.pod, this.#seen.sight)
  }

  /** The shutdown began at `begunAt`. `isStop`: somebody outside stops the container, so that SIGKILL follows. */
  begin(begunAt: number, isStop: boolean): void {
    this.#startedAt = performance.now()
    this.#note({})
    // The first hooks start before it: to load TLS and to say hello costs some tens of milliseconds.
    this.#asked = turn().then(() => this.#ask(begunAt, isStop))
  }

  /**
   * Writes an event on the pod; `end` is called when everything else is known. Where only the answer at the begin can
   * tell the pod's uid, it is waited for until `signal` aborts. Never rejects.
   */
  async tell(end: () => Omit<PodEnd, 'uid'>, signal: AbortSignal, withinMs: () => number): Promise<void> {
    const { cluster } = this.#setup
    if (cluster.uid === undefined) await Promise.race([this.#asked, aborted(signal)])
    const uid = this.#seen?.pod.uid ?? cluster.uid
    if (uid === undefined) {
      return this.#note({ event: { outcome: 'failed', why: "the pod's uid is not known", tookMs: 0 } })
    }
    const path = `/api/v1/namespaces/${encodeURIComponent(cluster.namespace)}/events`
    const body = JSON.stringify(podEvent(cluster, { ...end(), uid }))
    const { report } = await ask(cluster, { method: 'POST', path, body }, this.#over.signal, withinMs())
    this.#note({ event: report })
  }

  /** The shutdown is over: every connection ends now, so that none counts as left open. */
  over(): void {
    if (this.#report.outcome === 'asked') this.#note({ tookMs: Math.round(performance.now() - this.#startedAt) })
    this.#over.abort()
  }

  async #ask(begunAt: number, isStop: boolean): Promise<void> {
    const { cluster, watch, askMs = ASK_MS } = this.#setup
    const path = `/api/v1/namespaces/${encodeURIComponent(cluster.namespace)}/pods/${encodeURIComponent(cluster.name)}`
    const answer = await ask(cluster, { method: 'GET', path }, this.#over.signal, askMs)
    if (this.#over.signal.aborted) return
    const pod = this.#understand(answer)
    if (!pod) return
    const sight = this.#sight()
    this.#seen = { pod, sight }
    const kill =
      killOfDeletion(pod, sight, begunAt) ??
      (isStop ? killWithoutDeletion(pod, cluster.container, this.#setup.preStopSeconds, begunAt) : undefined)
    this.#note({ ...facts(pod), ...(kill && { reckonedFrom: kill.from }), ...answer.report })
    if (kill) this.#setup.killAt(kill.killAt, true)
    if (!watch) return
    void watchPod(cluster, this.#over.signal, {
      noted: (report) => this.#note({ watch: report }),
      seen: (again) => this.#seenAgain(again, begunAt),
    })
  }

  /** Only a deletion moves, and only to earlier: whatever else changes in the pod is none of ours. */
  #seenAgain(pod: PodObject, begunAt: number): void {
    if (pod.uid !== this.#seen?.pod.uid) return
    const sight = this.#sight()
    const kill = killOfDeletion(pod, sight, begunAt)
    if (!kill || pod.deletionTimestamp === this.#seen?.pod.deletionTimestamp) return
    this.#seen = { pod, sight }
    this.#note({ ...facts(pod), reckonedFrom: kill.from })
    this.#setup.killAt(Math.max(kill.killAt, sight.at + LEAST_NOTICE_MS), false)
  }

  /** Undefined where it is no answer, or not of our pod. */
  #understand({ report, object, date }: Answer): PodObject | undefined {
    const { cluster } = this.#setup
    const refuse = (change: Partial<PodReport>): undefined => this.#note({ ...report, ...change }) as undefined
    if (report.outcome === 'not found') {
      const hint = cluster.isNameGiven
        ? 'it was deleted by force'
        : 'it was deleted by force, or has another name than its host: set POD_NAME'
      return refuse({ why: `${report.why} (${hint})` })
    }
    if (report.outcome !== 'answered') return refuse({})
    const pod = readPod(object)
    if (!pod) return refuse({ outcome: 'failed', why: 'the answer is no Pod' })
    const { serverTime: now, clockAheadMs } = serverTime({ tookMs: report.tookMs, wallTime: Date.now(), date })
    this.#clockAheadMs = Date.now() - now
    if (clockAheadMs !== undefined) this.#note({ clockAheadMs })
    const isOther = cluster.uid !== undefined && pod.uid !== cluster.uid
    const isYounger = cluster.uid === undefined && (pod.createdAt ?? 0) > now - performance.now() + TOLERANCE_MS
    if (!isOther && !isYounger) return pod
    const why = isOther ? `its uid is ${pod.uid}, and POD_UID is ${cluster.uid}` : 'it is younger than this process'
    return refuse({ outcome: 'another pod', why })
  }

  #sight(): Sight {
    return { at: performance.now(), serverTime: Date.now() - this.#clockAheadMs }
  }

  #note(change: Partial<PodReport>): void {
    if (this.#over.signal.aborted) return
    const { why: _, ...before } = this.#report
    this.#report = { ...('outcome' in change ? before : this.#report), ...change }
    debug('%o', this.#report)
    this.#setup.noted(this.#report)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function facts(pod: PodObject): Partial<PodReport> {
  const { deletionTimestamp, deletionGracePeriodSeconds, terminationGracePeriodSeconds } = pod
  return {
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(terminationGracePeriodSeconds !== undefined && { terminationGracePeriodSeconds }),
  }
}
