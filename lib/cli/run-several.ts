import type { RunEnd, RunOptions } from '../run/run.ts'
import { checkConfig, NAME, type RunPlan } from '../run/several/check-config.ts'
import { findConfig, loadConfig } from '../run/several/load-config.ts'
import type { RunConfig } from '../run/several/run-config.ts'
import { runSeveral } from '../run/several/run-several.ts'
import type { Arguments } from './arguments.ts'

type Problem = (text: string) => Error

/** `lastcall run NAME=COMMAND…`, or the commands of a file. */
export async function runCommands(given: Arguments, options: RunOptions, problem: Problem): Promise<RunEnd> {
  if (given.has('--step-over'))
    throw problem('--step-over is for one command. Write lastcall run --step-over NAME -- COMMAND.')
  return runSeveral(await planOf(given, options, problem), options.pass)
}

async function planOf(given: Arguments, options: RunOptions, problem: Problem): Promise<RunPlan> {
  const { terminationGracePeriodSeconds: grace, preStop, reportFile } = options
  const source = {
    stopSignal: options.stopSignal ?? 'SIGTERM',
    overrides: {
      ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
      ...(preStop !== undefined && { preStop }),
      ...(reportFile !== undefined && { reportFile }),
    },
  }
  if (given.rest.length > 0) {
    const config = namedCommands(given, problem)
    return checkConfig(config, { ...source, folder: process.cwd(), where: () => '' })
  }
  if (given.has('--restart'))
    throw problem('--restart is for NAME=COMMAND. In a file each command has its own "restart".')
  const file = given.value('--config') ?? findConfig(process.cwd())
  if (file === undefined) {
    throw problem('there is no command. Write lastcall run -- node server.js, or several in a lastcall.config.json.')
  }
  const { value, folder, where } = await loadConfig(file)
  return checkConfig(value, { ...source, folder, where })
}

function namedCommands(given: Arguments, problem: Problem): RunConfig {
  if (given.has('--config'))
    throw problem('--config names a file with commands, and there are commands as well. Remove one.')
  const restart = given.value('--restart')
  const commands = new Map<string, RunConfig['commands'][string]>()
  for (const word of given.rest) {
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(0, equals))
    const command = word.slice(equals + 1)
    if (!NAME.test(name)) throw problem(mixed(given.rest, word))
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
