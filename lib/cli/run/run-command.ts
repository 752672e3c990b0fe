import { accessSync, constants } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { becomeChild, INIT_CHOICES, type InitChoice } from '../../run/init/become-child.ts'
import { readArguments } from '../arguments.ts'
import { passedSignal, stopSignal } from '../signal-name.ts'
import { UsageError } from '../usage-error.ts'

/** How `web='node server.js'` begins, whatever its name is made of; no program has such a name. */
const NAMED = /^[^\s/=-][^\s/=]*=/

/** `lastcall run`: everything that was typed is checked before anything is started. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const given = readArguments('run', args, {
    '--grace': 'value',
    '--stop-signal': 'value',
    '--pre-stop': 'value',
    '--step-over': 'list',
    '--pass': 'list',
    '--report': 'value',
    '--json': 'flag',
    '--config': 'value',
    '--restart': 'value',
    '--init': 'value',
    '--help': 'flag',
  })
  if (given.has('--help')) {
    process.stdout.write((await import('../help.ts')).RUN_HELP)
    return 0
  }
  const problem = (text: string): UsageError => new UsageError('run', text)
  const stop = given.value('--stop-signal')
  const options = {
    terminationGracePeriodSeconds: grace(given.value('--grace'), problem),
    stopSignal: stop === undefined ? undefined : stopSignal('--stop-signal', stop, problem),
    preStop: given.value('--pre-stop'),
    stepOver: given.values('--step-over'),
    pass: given.values('--pass').map((name) => passedSignal('--pass', name, problem)),
    reportFile: reportFile(given.value('--report'), problem),
  }
  const [first] = given.rest
  if (first === '') throw problem('there is no command. Write lastcall run -- node server.js.')
  const isSeveral = first === undefined || NAMED.test(first)
  const commands = { words: given.rest, config: given.value('--config'), restart: given.value('--restart') }
  if (!isSeveral && commands.config !== undefined) {
    throw problem('--config names a file with commands, and there is a command as well. Remove one.')
  }
  if (!isSeveral && commands.restart !== undefined) {
    throw problem("--restart is for named commands. Write lastcall run main='node server.js'.")
  }

  becomeChild(init(given.value('--init'), problem), options.pass, problem)
  // Loaded when it is sure that we stay: as PID 1 we may start once more.
  const { runToEnd } = await import('./run-to-end.ts')
  return runToEnd({ options, commands, isSeveral, json: given.has('--json') }, problem)
}

function init(text: string | undefined, problem: (text: string) => UsageError): InitChoice {
  const choice = INIT_CHOICES.find((name) => name === (text ?? 'auto'))
  if (choice) return choice
  throw problem(`--init takes ${INIT_CHOICES.join(', ')}, got "${text}". Write --init auto.`)
}

function grace(text: string | undefined, problem: (text: string) => UsageError): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (seconds >= 1 && Number.isFinite(seconds)) return seconds
  throw problem(`--grace takes a number of seconds, at least 1, got "${text}". Write --grace 30.`)
}

function reportFile(path: string | undefined, problem: (text: string) => UsageError): string | undefined {
  if (path === undefined) return undefined
  const file = resolve(path)
  try {
    accessSync(dirname(file), constants.W_OK)
  } catch {
    throw problem(`--report names a file in a folder that cannot be written to: ${dirname(file)}. Create it first.`)
  }
  return file
}
