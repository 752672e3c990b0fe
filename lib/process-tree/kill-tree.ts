import { constants } from 'node:os'
import { LastcallError } from '../errors.ts'
import { badOption, checkKeys, nearest, show } from '../options.ts'
import { checkCookie, type ListTreeOptions, type TreeProcess } from './list-tree.ts'
import { thisPlatform } from './platform/platform.ts'
import { checkProcess, type ProcessId } from './process-id.ts'

/** The options of `killTree`; none has to be given. */
export interface KillTreeOptions extends ListTreeOptions {
  /**
   * What is sent first. It goes to the processes that handle it, as `lastcall run` does: a shell in between is passed
   * by. `'SIGKILL'` ends the tree at once.
   * @default 'SIGTERM'
   * @throws {LastcallError} ERR_LASTCALL_SIGNAL when there is no such signal, or it ends nobody
   */
  readonly signal?: NodeJS.Signals
  /**
   * How long the tree may take to end by itself, in milliseconds, 0 and up. At the limit whoever is left gets SIGKILL,
   * and `killed` counts them; 0 sends SIGKILL alone.
   * @default 10000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no such number
   */
  readonly graceMs?: number
}

/** What became of a tree. */
export interface KillTreeResult {
  /** Who got the signal, in order, each at most once. Empty for SIGKILL. */
  readonly told: readonly ToldProcess[]
  /** How many processes ended by themselves, or by the signal. */
  readonly ended: number
  /** How many processes SIGKILL ended. */
  readonly killed: number
  /** Who is still there: another user's, or stuck in the kernel. Empty: nobody is left. */
  readonly survivors: readonly TreeProcess[]
  /** Who could not be signalled, since this user may not. */
  readonly denied: readonly TreeProcess[]
  /** From the call until the tree was gone, or given up. */
  readonly durationMs: number
}

/** A process that got the signal. */
export interface ToldProcess extends ProcessId {
  /** Its command line, as in `TreeProcess`. */
  readonly command: string
  /** The one that it got. */
  readonly signal: NodeJS.Signals
  /** Since the call. */
  readonly atMs: number
}

/**
 * Ends a process and everything that it started, and resolves when nobody is left: first the signal, then, when the
 * grace is over, SIGKILL. What forks meanwhile, left its group or was orphaned does not escape (Linux).
 * This process itself is never signalled: `killTree(process.pid)` ends its descendants.
 * @param root a pid, or a process from `listTree`: its pid counts only as long as it is that process
 * @throws {LastcallError} ERR_LASTCALL_PROCESS when there is no such process, its pid was given to another one, or it
 *   is PID 1
 * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_SIGNAL for an option that is unknown or out of range
 * @see the page process-trees.md
 * @example
 * const { survivors } = await killTree(child.pid, { signal: 'SIGTERM', graceMs: 5_000 })
 */
export async function killTree(root: number | ProcessId, options: KillTreeOptions = {}): Promise<KillTreeResult> {
  checkKeys('killTree', options, ['signal', 'graceMs', 'cookie'])
  const { signal = 'SIGTERM', graceMs = 10_000, cookie } = options
  checkSignal(signal)
  if (typeof graceMs !== 'number' || !(graceMs >= 0) || !Number.isFinite(graceMs)) {
    throw badOption('graceMs', 'a number of milliseconds, 0 or more', graceMs, 'Write 10000.')
  }
  checkCookie(cookie)
  const platform = thisPlatform()
  return platform.kill(checkProcess(root), cookie, signal, graceMs)
}

/**
 * Ends the tree with SIGKILL before it returns, without a turn of the event loop: for an `exit` listener. Linux only.
 * It blocks for milliseconds, and for at most `limitMs` where a process does not go.
 * @throws {LastcallError} as `killTree`, and ERR_LASTCALL_PROCESS on other systems, whose processes only other programs
 *   can list
 * @example
 * process.on('exit', () => killTreeSync(process.pid))
 */
export function killTreeSync(root: number | ProcessId, options: KillTreeSyncOptions = {}): KillTreeResult {
  checkKeys('killTreeSync', options, ['limitMs', 'cookie'])
  const { limitMs = 5_000, cookie } = options
  if (typeof limitMs !== 'number' || !(limitMs >= 0) || !Number.isFinite(limitMs)) {
    throw badOption('limitMs', 'a number of milliseconds, 0 or more', limitMs, 'Write 5000.')
  }
  checkCookie(cookie)
  const platform = thisPlatform()
  return platform.killSync(checkProcess(root), cookie, limitMs)
}

/** The options of `killTreeSync`; none has to be given. */
export interface KillTreeSyncOptions extends ListTreeOptions {
  /**
   * How long to wait for the killed to be gone, in milliseconds, 0 and up; whoever is left then is in `survivors`.
   * @default 5000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no such number
   */
  readonly limitMs?: number
}

/** Their default action stops a process, continues it, or does nothing. */
const ENDS_NOBODY = ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGCONT', 'SIGCHLD', 'SIGURG', 'SIGWINCH']

function checkSignal(signal: unknown): void {
  const known = Object.keys(constants.signals)
  if (typeof signal !== 'string' || !known.includes(signal)) {
    const near = typeof signal === 'string' ? nearest(signal, known) : undefined
    const fix = near ? `Did you mean '${near}'?` : "Write 'SIGTERM'."
    throw new LastcallError('ERR_LASTCALL_SIGNAL', `option signal must be a signal's name, got ${show(signal)}. ${fix}`)
  }
  if (!ENDS_NOBODY.includes(signal)) return
  throw new LastcallError('ERR_LASTCALL_SIGNAL', `option signal: ${signal} ends no process. Write 'SIGTERM'.`)
}
