import type { Grace } from '../clock/cascade.ts'
import type { Deadline } from '../clock/deadline.ts'
import { PHASES } from '../clock/phases.ts'
import type { Reason } from '../hooks/reason.ts'
import type { HookOutcome } from '../hooks/run-hook.ts'
import type { PodReport } from '../kubernetes/pod/pod-report.ts'
import { errorText, type PhaseRecord, type ShutdownRecord } from './build-report.ts'
import type { ErrorReport, Report, SignalReport } from './report.ts'

/** What is known of a shutdown at its first moment. */
export interface Beginning {
  readonly reason: Reason
  readonly grace: Grace
  readonly deadline: Deadline
  readonly startedDate: Date
  readonly foreignListeners: Report['foreignListeners']
  readonly faults: readonly string[]
}

/** One thing that happened. Times are on the monotonic clock. */
export type Change =
  | { readonly begun: Beginning }
  | { readonly deadline: Deadline; readonly grace: Beginning['grace'] }
  | { readonly phase: PhaseRecord }
  | { readonly outcome: HookOutcome }
  | { readonly takenOff: string }
  | { readonly signal: NodeJS.Signals; readonly at: number; readonly effect: SignalReport['effect'] }
  | { readonly error: unknown; readonly at: number }
  | { readonly pod: PodReport }
  | { readonly watchdog: Report['watchdog'] }

/** Lines up what happens, so that whoever has heard every change can write the report: this thread or another. */
export class Chronicle {
  readonly #heard: (change: Change) => void
  /** A hook's outcome as it stands now, those that have not begun too. */
  readonly #outcomes = new Map<string, HookOutcome>()
  readonly #phases = new Map<string, PhaseRecord>()
  readonly #signals: Extract<Change, { signal: unknown }>[] = []
  readonly #errors: Extract<Change, { error: unknown }>[] = []
  #watchdog: Report['watchdog'] = { state: 'off' }
  #begun: Beginning | undefined
  #pod: PodReport | undefined

  /** `heard` gets each change after it was noted. */
  constructor(heard: (change: Change) => void = () => {}) {
    this.#heard = heard
  }

  /** Undefined before the begin. */
  get begun(): Beginning | undefined {
    return this.#begun
  }

  get hasErrors(): boolean {
    return this.#errors.length > 0
  }

  get outcomes(): readonly HookOutcome[] {
    return [...this.#outcomes.values()]
  }

  note(change: Change): void {
    if ('begun' in change) this.#begun = change.begun
    else if ('deadline' in change) this.#begun &&= { ...this.#begun, ...change }
    else if ('phase' in change) this.#phases.set(change.phase.phase, change.phase)
    else if ('outcome' in change) this.#outcomes.set(change.outcome.name, change.outcome)
    else if ('takenOff' in change) this.#forget(change.takenOff)
    else if ('signal' in change) this.#signals.push(change)
    else if ('error' in change) this.#errors.push(change)
    else if ('pod' in change) this.#pod = change.pod
    else this.#watchdog = change.watchdog
    this.#heard(change)
  }

  /** Everything until now, as changes: for whoever begins to listen. */
  *changes(): Generator<Change> {
    yield { watchdog: this.#watchdog }
    if (this.#begun) yield { begun: this.#begun }
    if (this.#pod) yield { pod: this.#pod }
    for (const phase of this.#phases.values()) yield { phase }
    for (const outcome of this.#outcomes.values()) yield { outcome }
    yield* this.#signals
    yield* this.#errors
  }

  /** What the report is built from; undefined before the begin. */
  record(now: Pick<ShutdownRecord, 'appExitCode' | 'onTerminal'>): ShutdownRecord | undefined {
    if (!this.#begun) return undefined
    // The signal that began it came a moment before the clock started.
    const { startedAt } = this.#begun.deadline
    const since = (at: number): number => Math.max(0, Math.round(at - startedAt))
    return {
      ...this.#begun,
      ...now,
      phases: [...this.#phases.values()],
      outcomes: PHASES.flatMap((phase) => this.outcomes.filter((outcome) => outcome.phase === phase)),
      signals: this.#signals.map(({ signal, at, effect }): SignalReport => ({ signal, effect, atMs: since(at) })),
      errors: this.#errors.map(({ error, at }): ErrorReport => ({ ...errorText(error), atMs: since(at) })),
      forcedBy: this.#signals.find(({ effect }) => effect === 'forced')?.signal,
      pod: this.#pod,
      watchdog: this.#watchdog,
    }
  }

  /** A hook that was taken off again: one that has not begun leaves no trace. */
  #forget(name: string): void {
    if (this.#outcomes.get(name)?.outcome === 'never ran') this.#outcomes.delete(name)
  }
}
