import { PHASES, type Phase } from '../clock/phases.ts'
import { LastcallError } from '../errors.ts'
import { badOption, checkKeys, checkOneOf, show } from '../options.ts'
import type { Findings } from './findings.ts'
import type { Reason } from './reason.ts'

/** What a hook is called with. The times are the hook's own, not the whole shutdown's. */
export interface HookContext {
  /** Aborts at the hook's limit, or when a second signal forces the exit. */
  readonly signal: AbortSignal
  /** When `signal` aborts, for people; compute with `remainingMs()`. */
  readonly deadline: Date
  /** Milliseconds until `signal` aborts, on the monotonic clock; 0 afterwards. */
  remainingMs(): number
  /** What began the shutdown. */
  readonly reason: Reason
}

/** A function to run at shutdown. It is awaited; what it returns is ignored; what it throws is in the report. */
export type HookFunction = (context: HookContext) => unknown

/** The options of `preStop`; none has to be given. */
export interface PreStopOptions {
  /**
   * Names of hooks of the same phase that end first, however they end. They may be registered later; a name that is
   * still unknown at `ready()` is an error there.
   * @default []
   * @throws {LastcallError} ERR_LASTCALL_AFTER, ERR_LASTCALL_CYCLE
   */
  readonly after?: readonly string[]
  /**
   * How long the hook may take, in milliseconds. More than the phase has left counts as what it has left.
   * At the limit `signal` aborts, the shutdown goes on, and `report.hooks[n].outcome` is `'timed out'`.
   * @default what the phase has left
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly timeoutMs?: number
}

/** The options of `hook` and `resource`; none has to be given. */
export interface HookOptions extends PreStopOptions {
  /**
   * The step of the shutdown that the hook belongs to: `preStop`, `drain`, `children`, `close` or `flush`.
   * @default 'close'
   */
  readonly phase?: Phase
}

/** @internal A registered hook. */
export interface Hook {
  readonly name: string
  readonly phase: Phase
  readonly after: readonly string[]
  readonly timeoutMs: number | undefined
  readonly run: HookFunction
  /** Nobody else's code runs in it, so that `begin` cannot be awaited from inside it. */
  readonly isOurs?: true
  /** It is run where a second signal came before it, and cut short at once: there is something to give back. */
  readonly evenForced?: true
  /** Called before `run`, with what resolves when all other hooks of its phase have ended, but for those that come after it. */
  readonly beside?: (othersEnded: () => Promise<void>) => void
  /** How it does its work, for the report: `pool.end()`. */
  readonly how?: string
  /** Read when the hook has ended or its time is over. */
  readonly findings?: () => Findings
}

/** @internal Checks everything that a call of `hook` or `preStop` was given. */
export function checkHook(
  where: string,
  name: unknown,
  run: unknown,
  options: HookOptions,
  known: readonly string[],
): Hook {
  checkName(where, name)
  if (typeof run !== 'function') {
    throw badOption(`${where} "${name}"`, 'given a function', run, `Write ${where}('${name}', async () => { … }).`)
  }
  const { phase, after, timeoutMs } = checkHookOptions(where, name, options, known)
  return { name, phase, after, timeoutMs, run: run as HookFunction }
}

/** @internal */
export function checkName(where: string, name: unknown): asserts name is string {
  if (isName(name)) return
  throw new LastcallError(
    'ERR_LASTCALL_OPTION',
    `${where} needs a name as its first argument, a string of one line for the report, got ${show(name)}. Write ${where}('postgres', …).`,
  )
}

/** @internal Names stand before lines of output and in the report's one line. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && name.trim() !== '' && !/\p{Cc}/u.test(name)
}

/** @internal */
export function checkHookOptions(
  where: string,
  name: string,
  options: HookOptions,
  known: readonly string[] = ['phase', 'after', 'timeoutMs'],
): { phase: Phase; after: readonly string[]; timeoutMs: number | undefined } {
  checkKeys(where, options, known)
  const { phase = 'close', after = [], timeoutMs } = options
  checkOneOf(`${where}.phase`, phase, PHASES)
  if (!Array.isArray(after) || !after.every((other) => typeof other === 'string')) {
    throw badOption(`${where}.after`, 'an array of hook names', after, "Write after: ['postgres'].")
  }
  if (after.includes(name)) {
    throw new LastcallError(
      'ERR_LASTCALL_CYCLE',
      `hook "${name}" runs after itself: ${name} → ${name}. Remove it from its own after.`,
    )
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) {
    throw badOption(`${where}.timeoutMs`, 'a number of milliseconds above 0', timeoutMs, 'Write 5000.')
  }
  return { phase, after: [...new Set(after)], timeoutMs }
}
