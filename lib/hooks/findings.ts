import type { ConsumerReport, LameDuckReport, ServerReport } from './traffic-report.ts'

/** A child process as the report names it. */
export interface ChildReport {
  readonly name: string
  readonly pid: number
  /** Of an adopted worker thread; `pid` is then our own. */
  readonly threadId?: number
  /** Its exit code, or null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Who in its tree was told to stop, and when, in milliseconds since the shutdown began. */
  readonly told: readonly { readonly pid: number; readonly name: string; readonly atMs: number }[]
  /** How many of its tree had to be killed. */
  readonly killed: number
  readonly durationMs: number
}

/** A process that should be gone and is not. */
export interface SurvivorReport {
  readonly pid: number
  readonly name: string
  /** Why, in words: no rights to signal it, or SIGKILL did not end it. */
  readonly why: string
}

/** Who waits for the orphans of the PID namespace, and how many have ended. */
export interface OrphansReport {
  /** An init above us, `koffi`, or `nobody`: Node waits for its own children only. */
  readonly reapedBy: 'tini' | 'catatonit' | 'dumb-init' | 'sh' | 'koffi' | 'nobody'
  /** How many we reaped; an init does not tell. */
  readonly reaped?: number
  /** How many have ended and nobody has reaped; none stays below an init. */
  readonly zombies?: number
}

/** What a part of lastcall (tracked work, a child) found out while its hook ran; travels in the hook's outcome. */
export interface Findings {
  /** Jobs that ran to their end, whether or not they succeeded, and jobs given up at the cutoff. */
  readonly tracked?: { readonly finished: number; readonly undone: number }
  readonly servers?: readonly ServerReport[]
  readonly consumers?: readonly ConsumerReport[]
  readonly lameDuck?: LameDuckReport
  readonly children?: readonly ChildReport[]
  readonly survivors?: readonly SurvivorReport[]
  /** Only as PID 1, or under an init that is ours. */
  readonly orphans?: OrphansReport
  /** What makes the shutdown unclean, in words for the verdict. */
  readonly faults?: readonly string[]
  /** The exit code, unless a second signal forces it: under `lastcall run` the command's own. */
  readonly exitCode?: number
}
