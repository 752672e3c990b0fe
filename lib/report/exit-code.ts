import { constants } from 'node:os'
import type { Reason } from '../hooks/reason.ts'

/** What the table of exit codes is read with. */
export interface ExitFacts {
  readonly reason: Reason
  /** The signal that forced the exit, if one did. */
  readonly forcedBy: NodeJS.Signals | undefined
  readonly errors: number
  /** Tracked work that was given up at the cutoff, and jobs of consumers that were handed back. */
  readonly undone: number
  /** A hook failed, timed out or never ran; a request was cut; a process survived. */
  readonly faulty: boolean
  /** What the app set as `process.exitCode`. */
  readonly appExitCode: number | undefined
  readonly onTerminal: boolean
  /** Under `lastcall run`, what the command ended with. */
  readonly commandCode?: number | undefined
}

export interface Exit {
  readonly code: number
  /** The signal to die of instead, so that a shell's `a && b` stops. */
  readonly reraise?: NodeJS.Signals
}

/** The table of docs/exit-codes.md, in its order: the first line that holds. */
export function exitFor(facts: ExitFacts): Exit {
  const { reason } = facts
  if (facts.forcedBy) return { code: signalCode(facts.forcedBy) }
  if (reason.kind === 'error' || facts.errors > 0) return { code: 1 }
  if (facts.commandCode !== undefined) return { code: facts.commandCode }
  // So that a Kubernetes Job whose work was cut does not count as complete.
  if (facts.undone > 0) return { code: isPodEnd(reason) ? signalCode('SIGTERM') : 1 }
  if (reason.exitCode !== undefined) return { code: reason.exitCode }
  if (facts.faulty) return { code: 1 }
  if (facts.appExitCode !== undefined) return { code: facts.appExitCode }
  if (reason.signal === 'SIGINT' && facts.onTerminal) return { code: signalCode('SIGINT'), reraise: 'SIGINT' }
  return { code: 0 }
}

/** A preStop hook comes before SIGTERM, and is the same end. */
function isPodEnd({ kind, signal }: Reason): boolean {
  return signal === 'SIGTERM' || kind === 'prestop'
}

/** 128 + n, as a shell reports it. */
export function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}
