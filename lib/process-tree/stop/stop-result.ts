import type { Member } from '../members.ts'
import type { ProcessId } from '../process-id.ts'
import type { SharedReading } from './shared-reading.ts'

export interface StopOptions {
  readonly signal: NodeJS.Signals
  /** From the call until SIGKILL. */
  readonly timeoutMs: number
  /**
   * How long before the limit a lastcall in the tree has ended what it supervises: until then it alone tells those.
   * @default 0
   */
  readonly reserveMs?: number
  /** Names of programs that only start others, besides those that are known. */
  readonly stepOver?: readonly string[]
  /** Who got the signal from elsewhere: a terminal's Ctrl-C goes to its whole foreground group. */
  readonly alreadyTold?: (member: Member) => boolean
  /** Aborted: SIGKILL at once. */
  readonly kill?: AbortSignal
  /** Shared with other stops that run side by side. */
  readonly reading?: SharedReading
  readonly onTold?: (told: Told) => void
  /** Somebody ignores the signal, and nothing is left to wait for but SIGKILL. Called once for each. */
  readonly onDeaf?: (deaf: NamedProcess) => void
}

export interface NamedProcess extends ProcessId {
  /** Its command line, shortened. */
  readonly name: string
}

/** Who got the signal, and when. */
export interface Told extends NamedProcess {
  readonly signal: NodeJS.Signals
  /** Since the stop began. */
  readonly atMs: number
  /** `trap`: by the shell above it; `terminal`: with its whole group. */
  readonly by: 'stop' | 'trap' | 'terminal'
  /** Only when time ran short, since somebody told above it looked like a supervisor at work. */
  readonly late: boolean
}

export interface StopResult {
  /** In order; each process at most once. */
  readonly told: readonly Told[]
  /** Who ignored the signal and had to be killed. */
  readonly deaf: readonly NamedProcess[]
  /** Who was still there when SIGKILL came. */
  readonly unstopped: readonly NamedProcess[]
  /** How many processes SIGKILL ended. */
  readonly killed: number
  readonly survivors: readonly Member[]
  /** Who this user may not signal, and got nothing. */
  readonly denied: readonly Member[]
  readonly durationMs: number
}
