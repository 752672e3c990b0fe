import type { Phase } from '../clock/phases.ts'
import type { ChildReport, OrphansReport, SurvivorReport } from '../hooks/findings.ts'
import type { Outcome } from '../hooks/run-hook.ts'
import type { ConsumerReport, LameDuckReport, ServerReport } from '../hooks/traffic-report.ts'
import type { PodReport } from '../kubernetes/pod/pod-report.ts'

/**
 * How a shutdown went. The same shape as JSON (`lastcall/report.schema.json`), in `reportFile`, for `logger` and on the
 * diagnostics channel `lastcall:report`. Times are in milliseconds since the shutdown began.
 */
export interface Report {
  /** `clean`: everything was done in time. */
  readonly outcome: 'clean' | 'unclean'
  /**
   * `in progress`: written at the begin, so that an old `clean` never outlives a crash; `done`: every phase ran;
   * `forced`: a second signal cut it short; `blocked`: the watchdog ended it, because the event loop was blocked;
   * `process.exit`: somebody else ended the process in the middle, and `exitedBy` says who.
   */
  readonly ended: 'in progress' | 'done' | 'forced' | 'blocked' | 'process.exit'
  /** What the process ends with by the table of exit codes; null while in progress. */
  readonly exitCode: number | null
  /** One sentence for people. */
  readonly verdict: string
  /** With `ended: 'process.exit'`: who called it. Missing where the process ended in another way. */
  readonly exitedBy?: ExitCall
  readonly reason: ReasonReport
  readonly clock: ClockReport
  /** With the option `pod`: what the API server said of our own pod. */
  readonly pod?: PodReport
  /** When it began, ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly phases: readonly PhaseReport[]
  readonly hooks: readonly HookReport[]
  /** Jobs given to `track`, and tasks of adopted pools: `undone` were still running at the cutoff. */
  readonly tracked: { readonly finished: number; readonly undone: number }
  /** Only in a Kubernetes cluster, and with a server. */
  readonly lameDuck?: LameDuckReport
  readonly servers: readonly ServerReport[]
  readonly consumers: readonly ConsumerReport[]
  readonly children: readonly ChildReport[]
  readonly survivors: readonly SurvivorReport[]
  /** Only as PID 1, or as `lastcall run` below the init that it put above itself. */
  readonly orphans?: OrphansReport
  /** What else made it unclean, in words: what a part of lastcall, such as a child's stop, had to say. */
  readonly faults: readonly string[]
  /** Every signal that came, the first included. */
  readonly signals: readonly SignalReport[]
  /** Uncaught errors: the one that began the shutdown, and those that came while it ran. */
  readonly errors: readonly ErrorReport[]
  /** Listeners of our signals that are not ours: they may exit the process under our feet. */
  readonly foreignListeners: readonly {
    readonly signal: string
    readonly count: number
    readonly names: readonly string[]
  }[]
  /** What still held the event loop at the end, in words. */
  readonly openHandles: readonly string[]
  /** Whether somebody watched over a blocked event loop. */
  readonly watchdog: WatchdogReport
  /** With `ended: 'blocked'`: for how long, and by whom. */
  readonly blocked?: BlockedReport
}

/** The watchdog of this shutdown. */
export interface WatchdogReport {
  /** `on`; `off`, by option, or in a worker thread; `impossible`, `why` says the reason. */
  readonly state: 'on' | 'off' | 'impossible'
  readonly why?: string
}

/** A blocked event loop. */
export interface BlockedReport {
  /** Since when nothing that waits for the event loop, no hook and no timer, has run. */
  readonly forMs: number
  /** Where it was blocked; absent within a native call, where nobody can look. */
  readonly at?: {
    /** The innermost function of the app; `anonymous` where it has no name. */
    readonly function: string
    /** A path, or a URL. */
    readonly file: string
    readonly line: number
    readonly column: number
  }
  /** The whole stack, the innermost first. */
  readonly stack?: readonly string[]
}

/** A call of `process.exit` by somebody else. */
export interface ExitCall {
  /** What it was called with. The process ends with `exitCode` all the same. */
  readonly code: number
  /** The function that called, where it has a name. */
  readonly by?: string
  /** File, line and column of the call. */
  readonly at: string
  /** Who called whom, the call itself first. */
  readonly stack: string
}

/** What began the shutdown. */
export interface ReasonReport {
  readonly kind: 'signal' | 'error' | 'prestop' | 'parent' | 'call' | 'child' | 'empty' | 'blocked'
  readonly signal?: string
  readonly message?: string
  readonly child?: string
}

/** The clock that the shutdown ran on. */
export interface ClockReport {
  readonly terminationGracePeriodSeconds: number
  /**
   * Where the grace period is from: `option`, `TERMINATION_GRACE_PERIOD_SECONDS`, `gracePeriodFile`, `parent`, `pod`, the platform
   * (`PM2`, `Cloud Run`, `ECS`, `Heroku`, `systemd`), or `default`.
   */
  readonly source: string
  /** What was taken off, at most down to 2 s: the pod's own preStop hook had run before the signal. Missing where nothing was. */
  readonly preStopSeconds?: number
  /** Sources that had a say and could not be used, in words. Missing where there was none. */
  readonly ignored?: readonly string[]
  readonly reserveMs: number
  /** When every hook has ended: grace period less reserve. */
  readonly deadlineMs: number
}

/** How a phase went. */
export interface PhaseReport {
  readonly name: Phase
  /** The worst outcome among its hooks; `done` where it had none. */
  readonly outcome: Outcome
  readonly startedMs: number | null
  readonly durationMs: number
  /** What it might have taken. */
  readonly limitMs: number
}

/** How a hook went. */
export interface HookReport {
  readonly name: string
  readonly phase: Phase
  readonly outcome: Outcome
  readonly startedMs: number | null
  readonly durationMs: number | null
  readonly limitMs: number
  /** Registered when its phase was over: it ran at once. */
  readonly late: boolean
  /** How it did its work, where lastcall chose: `pool.end()`. */
  readonly how?: string
  readonly error?: { readonly message: string; readonly stack?: string }
}

/** A signal that came, and what it did. */
export interface SignalReport {
  readonly signal: string
  readonly atMs: number
  /** `began` the shutdown; `echo` of the one before; `counted` only; `forced` the exit. */
  readonly effect: 'began' | 'echo' | 'counted' | 'forced'
}

/** An error that nobody caught. */
export interface ErrorReport {
  readonly message: string
  readonly stack?: string
  readonly atMs: number
}
