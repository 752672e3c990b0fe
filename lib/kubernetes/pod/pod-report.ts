/**
 * How a request to the API server ended: `answered`; `forbidden`, it does not let us (401, 403); `not found`, no pod has
 * our name; `another pod` has it; `timed out`; `failed`, `why` says how; `asked`, the shutdown was over first.
 */
export type CallOutcome = 'answered' | 'forbidden' | 'not found' | 'another pod' | 'timed out' | 'failed' | 'asked'

/** A request to the API server. */
export interface CallReport {
  readonly outcome: CallOutcome
  /** In words, where it was not answered. */
  readonly why?: string
  readonly tookMs: number
}

/** What the API server said of our own pod, with the option `pod`. */
export interface PodReport extends CallReport {
  /** Whom it was asked for; absent where that, or the API server, is not known. */
  readonly namespace?: string
  readonly name?: string
  /** When the pod's end is due. Absent where nobody deletes it: a restart of the container, node pressure, a node's end. */
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  /** Of the pod's spec. */
  readonly terminationGracePeriodSeconds?: number
  /** What the moment of SIGKILL was reckoned from; absent where it was not. */
  readonly reckonedFrom?: 'deletionTimestamp' | 'startupProbe' | 'livenessProbe' | 'spec'
  /** How much our clock is ahead of the API server's, where that is over a second: it was allowed for. */
  readonly clockAheadMs?: number
  /** With `watch`: whether we would have learned of a shorter deadline. */
  readonly watch?: CallReport
  /** With `event`: whether the event on the pod was written. */
  readonly event?: CallReport
}
