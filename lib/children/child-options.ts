import { accessSync, constants, statSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { LastcallError } from '../errors.ts'
import { checkName } from '../hooks/hook.ts'
import { badOption, checkKeys, checkOneOf, nearest, show } from '../options.ts'
import type { RestartPolicy } from './restart.ts'

/**
 * When a child counts as ready: started; `process.send('ready')`; a newline on a descriptor, as for s6; a TCP port that
 * accepts; a URL that answers 2xx or 3xx; a line of its output that holds the text or matches.
 */
export type Readiness =
  | 'spawn'
  | 'ipc'
  | { readonly fd: number }
  | { readonly port: number; readonly host?: string }
  | { readonly http: string }
  | { readonly line: string | RegExp }

/** Takes each whole line that a child writes. While a promise that it answers with is pending, the child's output waits. */
export type LineReader = (line: string, stream: 'stdout' | 'stderr') => unknown

export interface SuperviseOptions {
  /**
   * When it is started again after it has ended: `never`; `on-failure`, after a code other than 0, a signal that we did
   * not send, or when it was not ready in time; `always`. The delay is 100 ms, doubles to 30 s, and begins anew after a
   * stable run; five ends within 60 s are too many.
   * @default 'on-failure'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly restart?: RestartPolicy
  /**
   * Whether its end, once the policy has no restart left, begins the shutdown; its exit code is then ours.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly significant?: boolean
  /**
   * Called instead of the shutdown when the child is out of restarts.
   * @default begins the shutdown, exit code 1
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly onGiveUp?: (child: { readonly name: string; readonly restarts: number }) => void
  /**
   * When it counts as ready.
   * @default 'spawn'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly ready?: Readiness
  /**
   * How long it may take to be ready, in milliseconds. At the limit it is stopped, which counts as a failure.
   * @default 30000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly readyTimeoutMs?: number
  /**
   * Names of children that are ready before this one starts, and stop after it.
   * @default []
   * @throws {LastcallError} ERR_LASTCALL_AFTER when a name is not that of a child, ERR_LASTCALL_CYCLE
   */
  readonly after?: readonly string[]
  /**
   * What it is told to stop with.
   * @default 'SIGTERM'
   * @throws {LastcallError} ERR_LASTCALL_SIGNAL, ERR_LASTCALL_OPTION
   */
  readonly stopSignal?: NodeJS.Signals
  /**
   * How long it may take to stop, in milliseconds; then SIGKILL, to its whole tree. More than the phase has left counts
   * as what it has left. `report.children[n].killed` tells.
   * @default what the phase has left
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly stopTimeoutMs?: number
  /**
   * Where its output goes: `prefix`, whole lines with its name before them; `inherit`, our own streams as they are;
   * `ignore`; or a function for each line.
   * @default 'prefix'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly output?: 'prefix' | 'inherit' | 'ignore' | LineReader
  /**
   * Its standard input: none, ours, or `child.stdin`.
   * @default 'ignore'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly stdin?: 'ignore' | 'inherit' | 'pipe'
  /**
   * A channel for `send` and the event `message`; only for Node programs.
   * @default true where `ready` is `'ipc'`, else false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly ipc?: boolean
  /**
   * Whether the command is a string for `sh -c`.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly shell?: boolean
  /**
   * Its working directory.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no folder
   */
  readonly cwd?: string
  /**
   * Its environment, as a whole.
   * @default process.env
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly env?: NodeJS.ProcessEnv
  /**
   * The user that it runs as. Such a child may be out of reach for a service that is not root.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION without the right to
   */
  readonly uid?: number
  /**
   * The group that it runs as.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION without the right to
   */
  readonly gid?: number
}

const KNOWN = [
  ...['restart', 'significant', 'onGiveUp', 'ready', 'readyTimeoutMs', 'after', 'stopSignal', 'stopTimeoutMs'],
  ...['output', 'stdin', 'ipc', 'shell', 'cwd', 'env', 'uid', 'gid'],
]

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
  readonly output: 'prefix' | 'inherit' | 'ignore' | LineReader
  readonly stdin: 'ignore' | 'inherit' | 'pipe'
  readonly ipc: boolean
  readonly cwd: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly uid: number | undefined
  readonly gid: number | undefined
}

export function checkChild(name: unknown, command: unknown, options: SuperviseOptions): ChildPlan {
  checkName('supervise', name)
  checkKeys('supervise', options, KNOWN)
  const { shell = false, cwd, uid, gid, onGiveUp } = options
  checkOneOf('supervise.restart', options.restart, ['on-failure', 'never', 'always'])
  checkOneOf('supervise.stdin', options.stdin, ['ignore', 'inherit', 'pipe'])
  for (const key of ['significant', 'ipc', 'shell'] as const)
    checkOneOf(`supervise.${key}`, options[key], [true, false])
  for (const key of ['readyTimeoutMs', 'stopTimeoutMs'] as const) {
    const ms = options[key]
    if (ms !== undefined && !(typeof ms === 'number' && ms > 0)) {
      throw badOption(`supervise.${key}`, 'a number of milliseconds above 0', ms, 'Write 5000.')
    }
  }
  if (onGiveUp !== undefined && typeof onGiveUp !== 'function') {
    throw badOption('supervise.onGiveUp', 'a function', onGiveUp, 'Write onGiveUp: (child) => alert(child.name).')
  }
  if (typeof options.output !== 'function')
    checkOneOf('supervise.output', options.output, ['prefix', 'inherit', 'ignore'])
  checkIds(uid, gid)
  const ready = checkReadiness(options.ready ?? 'spawn', options.output)
  const words = checkCommand(command, shell)
  if (cwd !== undefined) checkFolder(cwd)
  const env = options.env ?? process.env
  if (env === null || typeof env !== 'object')
    throw badOption('supervise.env', 'an object of strings', env, 'Write { ...process.env, NAME: value }.')
  findProgram(words[0] as string, env, cwd)
  return {
    name,
    command: words,
    restart: options.restart ?? 'on-failure',
    significant: options.significant ?? false,
    onGiveUp,
    ready,
    readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
    after: checkAfter(name, options.after ?? []),
    stopSignal: checkStopSignal(options.stopSignal ?? 'SIGTERM'),
    stopTimeoutMs: options.stopTimeoutMs,
    output: options.output ?? 'prefix',
    stdin: options.stdin ?? 'ignore',
    ipc: options.ipc ?? ready === 'ipc',
    cwd,
    env,
    uid,
    gid,
  }
}

function checkCommand(command: unknown, shell: boolean): readonly string[] {
  if (typeof command === 'string') {
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
  return command
}

function checkAfter(name: string, after: unknown): readonly string[] {
  if (!Array.isArray(after) || !after.every((other) => typeof other === 'string')) {
    throw badOption('supervise.after', 'an array of child names', after, "Write after: ['database'].")
  }
  if (!after.includes(name)) return [...new Set(after)]
  throw new LastcallError(
    'ERR_LASTCALL_CYCLE',
    `child "${name}" starts after itself: ${name} → ${name}. Remove it from its own after.`,
  )
}

/** Signals that end nothing, or leave no time to clean up. */
const NO_STOP = ['SIGKILL', 'SIGSTOP', 'SIGCONT', 'SIGCHLD', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']

function checkStopSignal(signal: unknown): NodeJS.Signals {
  if (typeof signal !== 'string' || !(signal in os.signals)) {
    const near = typeof signal === 'string' ? nearest(signal, Object.keys(os.signals)) : undefined
    throw badOption(
      'supervise.stopSignal',
      'the name of a signal',
      signal,
      near ? `Did you mean '${near}'?` : "Write 'SIGTERM'.",
    )
  }
  if (!NO_STOP.includes(signal)) return signal as NodeJS.Signals
  throw new LastcallError(
    'ERR_LASTCALL_SIGNAL',
    `option supervise.stopSignal names ${signal}, which no program can clean up on. SIGKILL comes by itself at the limit: write 'SIGTERM'.`,
  )
}

function checkReadiness(ready: unknown, output: unknown): Readiness {
  if (ready === 'spawn' || ready === 'ipc') return ready
  const how = ready !== null && typeof ready === 'object' ? (ready as Record<string, unknown>) : {}
  const { fd, port, host, http, line } = how
  if (Number.isInteger(fd) && (fd as number) > 2) return { fd: fd as number }
  if (Number.isInteger(port) && (port as number) > 0 && (port as number) < 65_536) {
    if (host === undefined || typeof host === 'string') return ready as Readiness
  }
  if (typeof http === 'string' && URL.canParse(http) && /^https?:/.test(http)) return { http }
  if ((typeof line === 'string' && line !== '') || line instanceof RegExp) {
    if (output !== 'inherit' && output !== 'ignore') return { line }
    throw badOption(
      'supervise.ready',
      `something else than a line with output: '${output}'`,
      ready,
      "Write output: 'prefix'.",
    )
  }
  throw badOption(
    'supervise.ready',
    "'spawn', 'ipc', { fd: 3 or more }, { port, host }, { http: url } or { line: text or RegExp }",
    ready,
    'Write { port: 8080 }.',
  )
}

function checkFolder(cwd: unknown): void {
  const isFolder = typeof cwd === 'string' && statSync(cwd, { throwIfNoEntry: false })?.isDirectory()
  if (!isFolder) throw badOption('supervise.cwd', 'a folder that exists', cwd, 'Create it, or leave the option out.')
}

function checkIds(uid: unknown, gid: unknown): void {
  for (const [key, id, own] of [
    ['uid', uid, process.geteuid?.()],
    ['gid', gid, process.getegid?.()],
  ] as const) {
    if (id === undefined) continue
    if (!Number.isInteger(id) || (id as number) < 0) throw badOption(`supervise.${key}`, 'a number', id, 'Write 1000.')
    if (id === own || process.geteuid?.() === 0) continue
    throw badOption(
      `supervise.${key}`,
      `our own (${own}), since only root can take another`,
      id,
      'Leave it out, or run as root.',
    )
  }
}

/** execvp's search, done beforehand, so that a typing error is known before anything starts. */
function findProgram(program: string, env: NodeJS.ProcessEnv, cwd = '.'): void {
  const places = program.includes('/')
    ? [join(program.startsWith('/') ? '' : cwd, program)]
    : (env['PATH'] ?? '').split(delimiter).map((dir) => join(dir || '.', program))
  let denied: string | undefined
  for (const place of places) {
    if (!statSync(place, { throwIfNoEntry: false })?.isFile()) continue
    try {
      accessSync(place, constants.X_OK)
      return
    } catch {
      denied = place
    }
  }
  if (denied) throw badOption('supervise.command', 'a program that can be executed', denied, `Run chmod +x ${denied}.`)
  const where = program.includes('/')
    ? 'There is no such file.'
    : `It is in no folder of PATH (${env['PATH'] ?? 'not set'}).`
  throw badOption('supervise.command', 'a program that exists', program, where)
}
