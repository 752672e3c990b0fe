import { DEADLINE_VARIABLE } from '../../clock/deadline-record.ts'
import { readStat } from '../../process-tree/find-linux.ts'
import { findInit, INITS, type InitName, passes } from './inits.ts'
import { INIT_MARK, initMark } from './own-namespace.ts'

/** `--init`: which one, whichever there is, or none. */
export const INIT_CHOICES = ['auto', 'none', ...INITS] as const
export type InitChoice = (typeof INIT_CHOICES)[number]

type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never

/**
 * As PID 1: becomes an init, and starts again as its child, since only a program that waits for any child can reap
 * orphans, and Node waits for its own. Where that cannot be, it returns, and we go on as PID 1 ourselves. `pass`: what
 * the init has to hand on besides the usual.
 * @throws what `problem` makes, where an init was named that cannot be had
 */
export function becomeChild(
  choice: InitChoice,
  pass: readonly NodeJS.Signals[],
  problem: (text: string) => Error,
): void {
  if (process.pid !== 1 || choice === 'none') return
  const names = (choice === 'auto' ? INITS : [choice]).filter((name) => passes(name, pass))
  if (names.length === 0) throw problem(`--init ${choice} hands on no SIGTTIN and no SIGTTOU. Write --init auto.`)
  const because = whyNot() ?? becomeOneOf(names)
  if (choice !== 'auto') throw problem(`--init ${choice} cannot be had: ${because}. Write --init auto.`)
}

/** Why no init can be put above us, whichever it is. */
function whyNot(): string | undefined {
  if (typeof execve() !== 'function') return `Node ${process.versions.node} has no process.execve, 22.15 has`
  // Only the standard streams come through an execve.
  if (process.env.NODE_CHANNEL_FD !== undefined) return 'there is an IPC channel to a parent'
  if (process.env[DEADLINE_VARIABLE] !== undefined) return 'there is a lastcall above that hands down its deadline'
  return undefined
}

/** Returns only where it failed: why. */
function becomeOneOf(names: readonly InitName[]): string {
  const self = readStat(1)
  if (!self) return '/proc is not mounted'
  // What called itself an init has only replaced itself by us: once is enough.
  if (process.env[INIT_MARK]?.endsWith(initMark('', self))) return 'it was tried, and we are PID 1 still'
  const init = findInit(names)
  if (!init) return `there is none that runs, in PATH or where images have it`
  const { name, file, args } = init
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  try {
    execve()?.(file, [file, ...args, ...again], { ...process.env, [INIT_MARK]: initMark(name, self) })
  } catch (error) {
    return (error as Error).message
  }
  return 'execve returned'
}

/** Since 22.15; the types are those of Node 20. */
function execve(): Execve | undefined {
  return (process as { execve?: Execve }).execve
}
