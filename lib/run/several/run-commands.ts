import { constants } from 'node:os'
import type { RunEnd, RunOptions } from '../run.ts'
import { STOPPING } from '../run-shutdown.ts'
import { checkConfig, NAME, NO_NAME, type RunPlan } from './config/check-config.ts'
import { findConfig, loadConfig } from './config/load-config.ts'
import type { RunConfig } from './config/run-config.ts'
import { runSeveral } from './run-several.ts'

type Problem = (text: string) => Error

/** What was typed besides what a single command has, too. */
export interface GivenCommands {
  /** Each `NAME=COMMAND`. */
  readonly words: readonly string[]
  readonly config: string | undefined
  readonly restart: string | undefined
}

/** `lastcall run NAME=COMMAND…`, or the commands of a file. */
export async function runCommands(given: GivenCommands, options: RunOptions, problem: Problem): Promise<RunEnd> {
  const noLonger = endAtSignals(options)
  try {
    return await runSeveral(await planOf(given, options, problem), options, noLonger)
  } finally {
    noLonger()
  }
}

/**
 * A function of the file may take its time, to fetch a secret; as PID 1 the kernel drops a signal that nobody listens to,
 * and the pod would end only with SIGKILL. Below our init it is the same. Nothing runs yet that has to be stopped.
 * Returns what ends it.
 */
function endAtSignals({ pass = [], namespace }: RunOptions): () => void {
  if (!namespace) return () => {}
  const end = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal])
  const signals = STOPPING.filter((signal) => !pass.includes(signal))
  for (const signal of signals) process.on(signal, end)
  return () => {
    for (const signal of signals) process.off(signal, end)
  }
}

async function planOf(given: GivenCommands, options: RunOptions, problem: Problem): Promise<RunPlan> {
  const { terminationGracePeriodSeconds: grace, preStop, reportFile } = options
  const source = {
    stopSignal: options.stopSignal ?? 'SIGTERM',
    stepOver: options.stepOver ?? [],
    overrides: {
      ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
      ...(preStop !== undefined && { preStop }),
      ...(reportFile !== undefined && { reportFile }),
    },
  }
  if (given.words.length > 0) {
    const config = namedCommands(given, problem)
    return checkConfig(config, { ...source, folder: process.cwd(), where: () => '' })
  }
  if (given.restart !== undefined)
    throw problem('--restart is for NAME=COMMAND. In a file each command has its own "restart".')
  const file = given.config ?? findConfig(process.cwd())
  if (file === undefined) {
    throw problem('there is no command. Write lastcall run -- node server.js, or several in a lastcall.config.json.')
  }
  const { value, folder, where } = await loadConfig(file)
  return checkConfig(value, { ...source, folder, where })
}

function namedCommands(given: GivenCommands, problem: Problem): RunConfig {
  if (given.config !== undefined)
    throw problem('--config names a file with commands, and there are commands as well. Remove one.')
  const { restart } = given
  const commands = new Map<string, RunConfig['commands'][string]>()
  for (const word of given.words) {
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(0, equals))
    const command = word.slice(equals + 1)
    if (!NAME.test(name))
      throw problem(/^[^\s/-][^\s/]*$/.test(name) ? `"${name}" ${NO_NAME}` : mixed(given.words, word))
    if (commands.has(name)) throw problem(`there are two commands named ${name}. Give one of them another name.`)
    if (command.trim() === '') throw problem(`${name}= needs a command. Write ${name}='node server.js'.`)
    // What it means is checked with all the rest.
    commands.set(name, { command, ...(restart !== undefined && { restart: restart as 'never' }) })
  }
  return { commands: Object.fromEntries(commands) }
}

/** The likely slips: an option that comes too late; a variable before one command, as in a shell; lost quotes. */
function mixed([first = '']: readonly string[], word: string): string {
  const [name = ''] = first.split('=')
  if (word.startsWith('-')) return `options come before the commands. Write lastcall run ${word} … ${name}='…'.`
  const variable = first.includes(' ') ? '' : `; or, to set a variable, write lastcall run -- env ${first} ${word} …`
  return `${name}= begins a list of NAME=COMMAND, and "${word}" is none. Quote each command, ${name}='node server.js'${variable}.`
}
