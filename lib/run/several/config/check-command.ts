import { resolve } from 'node:path'
import type { SuperviseOptions } from '../../../children/plan/child-options.ts'
import { checkChild } from '../../../children/plan/child-plan.ts'
import { whatNow } from '../../../children/plan/find-program.ts'
import { show } from '../../../options.ts'
import { missingWord } from './first-word.ts'
import { members, type Problems } from './problems.ts'
import type { CommandOptions } from './run-config.ts'

const KNOWN = [
  ...['command', 'after', 'ready', 'readyTimeoutMs', 'restart', 'significant', 'stopSignal', 'stopTimeoutMs'],
  ...['stepOver', 'output', 'cwd', 'env', 'uid', 'gid'],
]

/** A command that is known to be startable. */
export interface CommandPlan {
  readonly name: string
  readonly command: string | readonly string[]
  readonly options: SuperviseOptions
}

/** Where commands were given, and what they are checked with. */
export interface CommandSource {
  /** What their paths are relative to. */
  readonly folder: string
  /** The place in the source that a member is written at; empty where there is none. */
  readonly where: (path: readonly string[]) => string
  /** Of a command that names none. */
  readonly stopSignal: NodeJS.Signals
  /** Of a command that names none. */
  readonly stepOver: readonly string[]
  /** From the stop signal to SIGKILL, for a command that says nothing else: no other phase takes of the time. */
  readonly stopMs: number
}

/** A command as far as it could be read; its plan is good where no problem was found. */
export interface Checked {
  readonly name: string
  readonly after: readonly string[]
  readonly plan: CommandPlan | undefined
}

export function checkCommand(
  name: string,
  given: unknown,
  path: readonly string[],
  source: CommandSource,
  problems: Problems,
): Checked {
  const all = typeof given === 'string' || Array.isArray(given) ? { command: given } : members(given)
  if (!all) {
    problems.add(
      path,
      `must be a command line or an object with a command, got ${show(given)}. Write "node server.js".`,
    )
    return { name, after: [], plan: undefined }
  }
  const at = problems.unknown(path, all, KNOWN, 'command')
  const command = all[at] as CommandOptions['command'] | undefined
  const { command: _, cwd, env, after: __, ...rest } = all as Partial<CommandOptions> & Record<string, unknown>
  const known = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => KNOWN.includes(key) && value !== undefined),
  )
  const after = checkAfter(all.after ?? [], path, problems)
  const environment = checkEnvironment(env, path, problems)
  if (cwd !== undefined && typeof cwd !== 'string') {
    problems.add([...path, 'cwd'], `must be a folder that exists, got ${show(cwd)}. Write "./server".`)
  }
  const options = {
    stopTimeoutMs: source.stopMs,
    stopSignal: source.stopSignal,
    stepOver: source.stepOver,
    ...known,
    cwd: resolve(source.folder, typeof cwd === 'string' ? cwd : '.'),
    env: environment,
    shell: typeof command === 'string',
  }
  if (typeof known.output === 'function')
    problems.add([...path, 'output'], 'must be one of prefix, inherit, ignore, got a function. Write "prefix".')
  checkChild(name, command, options, (check) => problems.attempt(path, check))
  const missing = typeof command === 'string' ? missingWord(command, options) : undefined
  if (missing !== undefined) {
    const fix = whatNow(missing, environment)
    problems.add([...path, 'command'], `must begin with a program that sh finds, got ${show(command)}. ${fix}`)
  }
  return { name, after, plan: { name, command: command ?? '', options: { ...options, after } } }
}

function checkAfter(given: unknown, path: readonly string[], problems: Problems): readonly string[] {
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return [...new Set<string>(given)]
  problems.add([...path, 'after'], `must be an array of command names, got ${show(given)}. Write ["database"].`)
  return []
}

function checkEnvironment(given: unknown, path: readonly string[], problems: Problems): NodeJS.ProcessEnv {
  const added = given === undefined ? {} : members(given)
  if (!added)
    problems.add([...path, 'env'], `must be an object of strings, got ${show(given)}. Write { "PORT": "8080" }.`)
  const environment: NodeJS.ProcessEnv = { ...process.env }
  for (const [name, value] of Object.entries(added ?? {})) {
    if (name === '' || /[=\0]/.test(name)) problems.add([...path, 'env', name], 'cannot be the name of a variable.')
    if (value === null) delete environment[name]
    else if (typeof value === 'string' && !value.includes('\0')) environment[name] = value
    else problems.add([...path, 'env', name], `must be a string, or null to remove it, got ${show(value)}.`)
  }
  return environment
}
