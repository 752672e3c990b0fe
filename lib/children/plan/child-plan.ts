import { statSync } from 'node:fs'
import { LastcallError } from '../../errors.ts'
import { checkName } from '../../hooks/hook.ts'
import { badOption, checkKeys, checkMs, checkOneOf, checkSignalName, show } from '../../options.ts'
import type { RestartPolicy } from '../restart.ts'
import { checkReadiness } from './check-readiness.ts'
import type { LineReader, Readiness, SuperviseOptions } from './child-options.ts'
import { findProgram } from './find-program.ts'

const KNOWN = [
  ...['restart', 'significant', 'onGiveUp', 'ready', 'readyTimeoutMs', 'after', 'stopSignal', 'stopTimeoutMs'],
  ...['stepOver', 'output', 'stdin', 'ipc', 'shell', 'cwd', 'env', 'uid', 'gid'],
]

const CHOICES = [
  ['restart', ['on-failure', 'never', 'always']],
  ['stdin', ['ignore', 'inherit', 'pipe']],
  ['significant', [true, false]],
  ['ipc', [true, false]],
  ['shell', [true, false]],
] as const

/** The options, checked and complete. */
export interface ChildPlan {
  readonly name: string
  /** Program and arguments. */
  readonly command: readonly string[]
  readonly restart: RestartPolicy
  readonly significant: boolean
  readonly onGiveUp: SuperviseOptions['onGiveUp'] | undefined
  readonly ready: Readiness
  readonly readyTimeoutMs: number
  readonly after: readonly string[]
  readonly stopSignal: NodeJS.Signals
  readonly stopTimeoutMs: number | undefined
  readonly stepOver: readonly string[]
  readonly output: 'prefix' | 'inherit' | 'ignore' | LineReader
  readonly stdin: 'ignore' | 'inherit' | 'pipe'
  readonly ipc: boolean
  readonly cwd: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly uid: number | undefined
  readonly gid: number | undefined
}

/** Makes one check: undefined where it failed, and failing is no error at once. */
export type Attempt = <T>(check: () => T) => T | undefined

/**
 * By default the first check that fails throws. An `attempt` that collects what is wrong instead gets it all, and a plan
 * that is good for nothing if there was any.
 */
export function checkChild(
  name: string,
  command: unknown,
  options: SuperviseOptions,
  attempt: Attempt = (check) => check(),
): ChildPlan {
  attempt(() => checkName('supervise', name))
  checkSystem(name)
  attempt(() => checkKeys('supervise', options, KNOWN))
  const { shell = false, cwd, uid, gid, onGiveUp } = options
  for (const [key, allowed] of CHOICES) attempt(() => checkOneOf(`supervise.${key}`, options[key], allowed))
  for (const key of ['readyTimeoutMs', 'stopTimeoutMs'] as const)
    attempt(() => checkMs(`supervise.${key}`, options[key]))
  attempt(() => checkGiveUp(onGiveUp))
  if (typeof options.output !== 'function')
    attempt(() => checkOneOf('supervise.output', options.output, ['prefix', 'inherit', 'ignore']))
  attempt(() => checkId('uid', uid, process.geteuid?.()))
  attempt(() => checkId('gid', gid, process.getegid?.()))
  const ready = attempt(() => checkReadiness(options.ready, options.output)) ?? 'spawn'
  const words = attempt(() => checkCommand(command, shell))
  const folder = attempt(() => checkFolder(cwd))
  const env = attempt(() => checkEnvironment(options.env ?? process.env))
  // Where it would be looked for is known only then.
  if (words && folder && env) attempt(() => findProgram(words[0] as string, env, folder))
  return {
    name,
    command: words ?? [],
    restart: options.restart ?? 'on-failure',
    significant: options.significant ?? false,
    onGiveUp,
    ready,
    readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
    after: attempt(() => checkAfter(name, options.after ?? [])) ?? [],
    stopSignal: attempt(() => checkStopSignal(options.stopSignal ?? 'SIGTERM')) ?? 'SIGTERM',
    stopTimeoutMs: options.stopTimeoutMs,
    stepOver: attempt(() => checkStepOver(options.stepOver ?? [])) ?? [],
    output: options.output ?? 'prefix',
    stdin: options.stdin ?? 'ignore',
    ipc: options.ipc ?? ready === 'ipc',
    cwd,
    env: env ?? {},
    uid,
    gid,
  }
}

/** What has no user ids is Windows, and has no process groups and no signals either. */
export function checkSystem(name: string): void {
  if (process.geteuid !== undefined) return
  throw new LastcallError(
    'ERR_LASTCALL_PROCESS',
    `child "${name}" cannot be supervised on Windows, which has neither signals nor process groups. Run the service in WSL or in a Linux container.`,
  )
}

export function checkGiveUp(onGiveUp: unknown, verb = 'supervise'): void {
  if (onGiveUp === undefined || typeof onGiveUp === 'function') return
  throw badOption(`${verb}.onGiveUp`, 'a function', onGiveUp, 'Write onGiveUp: (child) => alert(child.name).')
}

function checkStepOver(names: unknown): readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '')) return names
  throw badOption('supervise.stepOver', 'an array of names of programs', names, "Write ['launch'].")
}

function checkCommand(command: unknown, shell: boolean): readonly string[] {
  if (typeof command === 'string') {
    refuseNul('supervise.command', command)
    if (shell && command.trim() !== '') return ['/bin/sh', '-c', command]
    const fix = shell ? "Write 'python3 worker.py'." : `Write ${show(command.split(' '))}, or add shell: true.`
    throw badOption('supervise.command', shell ? 'a command line' : 'an array of program and arguments', command, fix)
  }
  const isWords = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')
  if (!isWords || command[0] === '') {
    throw badOption(
      'supervise.command',
      'an array of program and arguments',
      command,
      "Write ['python3', 'worker.py'].",
    )
  }
  if (shell)
    throw badOption('supervise.command', 'a string with shell: true', command, 'Remove shell, or join the words.')
  for (const word of command) refuseNul('supervise.command', word)
  return command
}

/** The kernel ends every word at a NUL, so Node refuses one; at the call it is still clear whose it is. */
function refuseNul(option: string, text: unknown): void {
  if (typeof text !== 'string' || !text.includes('\0')) return
  throw badOption(option, 'free of NUL characters', text, 'Remove them.')
}

function checkEnvironment(env: unknown): NodeJS.ProcessEnv {
  if (env === null || typeof env !== 'object' || Array.isArray(env))
    throw badOption('supervise.env', 'an object of strings', env, 'Write { ...process.env, NAME: value }.')
  for (const [key, value] of Object.entries(env)) {
    refuseNul('supervise.env', key)
    refuseNul(`supervise.env.${key}`, value)
  }
  return env as NodeJS.ProcessEnv
}

export function checkAfter(name: string, after: unknown, verb = 'supervise'): readonly string[] {
  if (!Array.isArray(after) || !after.every((other) => typeof other === 'string')) {
    throw badOption(`${verb}.after`, 'an array of child names', after, "Write after: ['database'].")
  }
  if (!after.includes(name)) return [...new Set(after)]
  throw new LastcallError(
    'ERR_LASTCALL_CYCLE',
    `child "${name}" starts after itself: ${name} → ${name}. Remove it from its own after.`,
  )
}

/** Signals that end nothing, or leave no time to clean up. */
const NO_STOP = ['SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGCHLD', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']

export function checkStopSignal(signal: unknown, verb = 'supervise'): NodeJS.Signals {
  checkSignalName(`${verb}.stopSignal`, 'the name of a signal', signal)
  if (!NO_STOP.includes(signal)) return signal
  throw new LastcallError(
    'ERR_LASTCALL_SIGNAL',
    `option ${verb}.stopSignal names ${signal}, which no program can clean up on. SIGKILL comes by itself at the limit: write 'SIGTERM'.`,
  )
}

function checkFolder(cwd: unknown): string {
  if (cwd === undefined) return '.'
  const isFolder =
    typeof cwd === 'string' && !cwd.includes('\0') && statSync(cwd, { throwIfNoEntry: false })?.isDirectory()
  if (!isFolder) throw badOption('supervise.cwd', 'a folder that exists', cwd, 'Create it, or leave the option out.')
  return cwd
}

/** 2³² − 1 means "no change" to the kernel. */
const LAST_ID = 4_294_967_294

function checkId(key: 'uid' | 'gid', id: unknown, own: number | undefined): void {
  if (id === undefined) return
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > LAST_ID)
    throw badOption(`supervise.${key}`, `a whole number up to ${LAST_ID}`, id, 'Write 1000.')
  if (id === own || process.geteuid?.() === 0) return
  throw badOption(
    `supervise.${key}`,
    `our own (${own}), since only root can take another`,
    id,
    'Leave it out, or run as root.',
  )
}
