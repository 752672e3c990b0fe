import { afterPreStop } from '../clock/after-pre-stop.ts'
import { type Grace, graceFromParent, secondsOf } from '../clock/cascade.ts'
import { leftText, remainingMs } from '../clock/deadline.ts'
import { LiveDeadline } from '../clock/live-deadline.ts'
import { PHASES, type Phase } from '../clock/phases.ts'
import { startTimer } from '../clock/timer.ts'
import { debugLog } from '../debug-log.ts'
import type { Hook } from '../hooks/hook.ts'
import { type Reason, reasonText } from '../hooks/reason.ts'
import { buildReport, errorText, type ShutdownRecord } from '../report/build-report.ts'
import { type Beginning, Chronicle } from '../report/chronicle.ts'
import type { Exit } from '../report/exit-code.ts'
import { onTerminal } from '../report/on-terminal.ts'
import type { Waiting } from '../report/progress.ts'
import type { ExitCall, Report } from '../report/report.ts'
import { lateEnded, neverRan, type PhaseFrame, PhaseRun, runLate } from './run-phase.ts'
import { SecondSignals } from './second-signal.ts'
import type { ShutdownSetup } from './shutdown-setup.ts'

const debug = debugLog('shutdown')

/** A shutdown that has begun. */
interface Begun extends Beginning {
  readonly deadline: LiveDeadline
  readonly frame: PhaseFrame
  readonly late: Promise<unknown>[]
}

/** running → stopping → stopped: the story of one shutdown. */
export class ShutdownStory {
  readonly stopping = new AbortController()
  /** Aborts when the phase preStop is over: nobody new is sent here any more. */
  readonly preStopOver = new AbortController()
  readonly #setup: ShutdownSetup
  readonly #seconds: SecondSignals
  readonly #forced = new AbortController()
  readonly chronicle: Chronicle
  #begun: Begun | undefined
  #phase: PhaseRun | undefined
  #over = false
  #exit: Exit | undefined
  #done: Promise<Report> | undefined
  /** When a parent will kill us, on our clock. */
  #killAt: number | undefined
  #isInside: () => boolean = () => false

  constructor(setup: ShutdownSetup) {
    this.#setup = setup
    this.#seconds = new SecondSignals(setup.secondSignal, setup.now)
    this.chronicle = new Chronicle((change) => setup.watchdog.heard(change))
  }

  get state(): 'running' | 'stopping' | 'stopped' {
    return this.#over ? 'stopped' : this.#begun ? 'stopping' : 'running'
  }

  /** What began it; undefined before. */
  get reason(): Reason | undefined {
    return this.#begun?.reason
  }

  /** In how many milliseconds this process has ended at the latest; endless before the begin. */
  get goneInMs(): number {
    return this.#begun ? Math.max(0, this.#begun.deadline.killAt - this.#setup.now()) : Infinity
  }

  get isForced(): boolean {
    return this.#forced.signal.aborted
  }

  /** Any number of triggers is one shutdown. Inside a hook, where awaiting it could never end, the report so far. */
  begin(reason: Reason, grace: Grace = this.#setup.grace): Promise<Report> {
    if (this.#done && this.#begun) {
      return this.#isInside() ? Promise.resolve(this.#report('in progress').report) : this.#done
    }
    const leftMs = (this.#killAt ?? Infinity) - this.#setup.now()
    const own = reason.kind === 'signal' ? afterPreStop(grace) : { ...grace, preStopSeconds: 0 }
    const begun = this.#prepare(reason, leftMs === Infinity ? own : graceFromParent(grace, leftMs))
    this.#begun = begun
    const { frame: _, late: __, ...beginning } = begun
    this.chronicle.note({ begun: beginning })
    this.#seconds.begun()
    let settle = (_: Report): void => {}
    this.#done = new Promise((resolve) => {
      settle = resolve
    })
    void this.#tell(begun, settle)
    return this.#done
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#over) return
    const effect = this.#seconds.classify(signal)
    this.chronicle.note({ signal, at: this.#setup.now(), effect })
    debug('%s came: %s', signal, effect)
    if (effect === 'began') void this.begin({ kind: 'signal', signal })
    if (effect === 'forced') this.#forced.abort()
  }

  /**
   * A parent said when it will kill us, and signals next. It begins nothing here: who is below a shell must leave the
   * order to that. A shutdown that runs already may have less time for it, never more.
   */
  announced(killAt: number): void {
    this.#killAt = killAt
    this.#seconds.announced()
    this.learned(killAt, 'parent', false)
  }

  /**
   * Somebody, `source`, knows better when SIGKILL comes. Later than was assumed only where `mayBeLater`, and where no
   * parent has said a moment of its own. False where nothing moves.
   */
  learned(killAt: number, source: string, mayBeLater: boolean): boolean {
    const begun = this.#begun
    const now = this.#setup.now()
    if (!begun || this.#over) return false
    const { deadline } = begun
    const isLater = mayBeLater && this.#killAt === undefined && deadline.putOff(killAt, now)
    if (!isLater && !deadline.bringForward(killAt, now)) return false
    this.chronicle.note({ deadline, grace: { seconds: secondsOf(killAt - deadline.startedAt), source } })
    debug('%s moved the deadline, %s', source, leftText(deadline, this.#setup.now))
    return true
  }

  /** An uncaught error begins a shutdown; during one it is recorded, and never forces. */
  error(error: unknown): void {
    if (this.#over) return
    this.chronicle.note({ error, at: this.#setup.now() })
    if (!this.#begun) void this.begin({ kind: 'error', error, message: errorText(error).message })
  }

  /** A hook that was registered, while stopping too. */
  join(hook: Hook): void {
    const begun = this.#begun
    if (this.#over) return
    this.chronicle.note({ outcome: neverRan(hook) })
    if (!begun) return
    const running = this.#phase?.phase
    const isOver = running !== undefined && PHASES.indexOf(hook.phase) < PHASES.indexOf(running)
    if (isOver) begun.late.push(runLate(hook, begun.frame))
    else if (hook.phase === running) this.#phase?.join(hook)
    // A later phase takes it from the list when it starts.
  }

  forget(hook: Hook): void {
    this.chronicle.note({ takenOff: hook.name })
  }

  /**
   * What to say when somebody else ends the process in the middle; undefined where there is nothing to say. A logger that
   * exits, or whoever awaited `begin`, comes when the report is out: its exit code must still come true.
   */
  interrupted(by?: ExitCall): { report?: Report; exit: Exit } | undefined {
    if (this.#exit) return { exit: this.#exit }
    return this.#begun && this.#report('process.exit', by)
  }

  #prepare(reason: Reason, grace: Grace): Begun {
    const { hooks, now, foreignListeners } = this.#setup
    const deadline = new LiveDeadline(now(), grace.seconds * 1000)
    // Loaded now, not at start: it costs, and only a shutdown needs it.
    const inside = new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<true>()
    this.#isInside = () => inside.getStore() === true
    const frame: PhaseFrame = {
      reason,
      now,
      deadline,
      pace: reason.kind === 'error' ? 'short' : 'full',
      used: () => hooks.phases(),
      forced: this.#forced.signal,
      inside: (run) => inside.run(true, run),
      note: (outcome) => {
        this.chronicle.note({ outcome })
        debug('hook %s (%s): %s, %s', outcome.name, outcome.phase, outcome.outcome, leftText(deadline, now))
      },
    }
    return {
      reason,
      grace,
      deadline,
      startedDate: new Date(),
      foreignListeners: foreignListeners(),
      faults: hooks.faults(),
      frame,
      late: [],
    }
  }

  async #tell(begun: Begun, settle: (report: Report) => void): Promise<void> {
    const { deadline } = begun
    const { now, publish, leave, watch, watchdog, cutoff } = this.#setup
    debug('began by %s, %s', reasonText(begun.reason), leftText(deadline, now))
    // First: whatever comes may block.
    watchdog.begun(deadline)
    // Holds the event loop: a hook that waits for something unref'd must not end the process with code 0.
    const hold = (): (() => void) => startTimer(deadline.killAt - now(), () => {})
    let release = hold()
    deadline.limit.onMoved(() => {
      release()
      release = hold()
    })
    publish(this.#report('in progress').report, deadline)
    const unwatch = watch(() => this.#look(begun), deadline)
    this.stopping.abort(new DOMException(`stopping: ${reasonText(begun.reason)}`, 'AbortError'))
    for (const phase of PHASES) {
      await this.#run(phase, begun)
      if (phase === 'preStop') this.preStopOver.abort()
      if (phase === 'drain') cutoff.abort()
    }
    await lateEnded(begun.late, async () => this.#phase?.done())
    unwatch()
    release()
    const { report, exit } = this.#report(this.#forced.signal.aborted ? 'forced' : 'done')
    this.#over = true
    this.#exit = exit
    watchdog.lastWord(exit.code, () => publish(report, deadline))
    await watchdog.over()
    settle(report)
    await leave(exit, report, deadline)
  }

  async #run(phase: Phase, begun: Begun): Promise<void> {
    const run = new PhaseRun(phase, this.#setup.hooks.of(phase), begun.frame)
    this.#phase = run
    const record = { phase, startedAt: run.startedAt, endedAt: null, limitMs: run.limitMs }
    this.chronicle.note({ phase: record })
    await run.done()
    this.chronicle.note({ phase: { ...record, limitMs: run.limitMs, endedAt: this.#setup.now() } })
  }

  #look(begun: Begun): Waiting {
    const running = this.chronicle.outcomes.filter((outcome) => outcome.outcome === 'running')
    return { running, remainingMs: remainingMs(begun.deadline, this.#setup.now), reserveMs: begun.deadline.reserveMs }
  }

  #report(ended: Report['ended'], exitedBy?: ExitCall): { report: Report; exit: Exit } {
    const record = this.chronicle.record({
      // Node takes a whole number as text, too.
      appExitCode: process.exitCode === undefined || process.exitCode === null ? undefined : Number(process.exitCode),
      onTerminal: onTerminal(0),
    })
    return buildReport(record as ShutdownRecord, {
      ...{ ended, at: this.#setup.now(), exitedBy },
      ...this.#setup.around(ended),
    })
  }
}
