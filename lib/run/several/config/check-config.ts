import { resolve } from 'node:path'
import { show } from '../../../options.ts'
import { checkOptions } from '../../../shutdown/options/check-options.ts'
import { stopMs } from '../../stop-seconds.ts'
import { type Checked, type CommandPlan, type CommandSource, checkCommand } from './check-command.ts'
import { inStartOrder } from './command-order.ts'
import { members, Problems } from './problems.ts'
import type { RunConfig } from './run-config.ts'

/** A configuration, checked and complete; the commands in the order in which they start. */
export interface RunPlan extends Pick<RunConfig, 'terminationGracePeriodSeconds' | 'preStop' | 'reportFile'> {
  readonly commands: readonly CommandPlan[]
  /** As they were given: for colours, and where the order is not ours. */
  readonly names: readonly string[]
}

/** What the configuration is checked with. */
export interface Source extends Omit<CommandSource, 'stopMs'> {
  /** From the command line, which goes before the file. */
  readonly overrides: Pick<RunPlan, 'terminationGracePeriodSeconds' | 'preStop' | 'reportFile'>
}

const KNOWN = ['$schema', 'commands', 'terminationGracePeriodSeconds', 'preStop', 'reportFile']

/** A name is a column of the output, and a word of the command line. */
export const NAME = /^[A-Za-z\d][\w.-]*$/

export const NO_NAME = 'is no name: letters, digits, "-", "_" and "." make one, and the first is a letter or digit.'

/** @throws {LastcallError} with everything that is wrong; nothing has happened then */
export function checkConfig(given: unknown, source: Source): RunPlan {
  const problems = new Problems(source.where)
  const config = members(given)
  if (!config) {
    problems.add(
      [],
      `must be an object with commands, got ${show(given)}. Write { "commands": { "web": "node server.js" } }.`,
    )
    problems.throwIfAny()
  }
  const { terminationGracePeriodSeconds, preStop, reportFile } = config as Partial<RunConfig>
  const at = problems.unknown([], config ?? {}, KNOWN, 'commands')
  const grace = source.overrides.terminationGracePeriodSeconds ?? terminationGracePeriodSeconds
  const stopTime = problems.attempt([], () => stopMs(grace))
  if (preStop !== undefined && (typeof preStop !== 'string' || preStop.trim() === '')) {
    problems.add(['preStop'], `must be a line for /bin/sh, got ${show(preStop)}. Write "consul leave".`)
  }
  const file = typeof reportFile === 'string' && reportFile !== '' ? resolve(source.folder, reportFile) : reportFile
  problems.attempt([], () => checkOptions(file === undefined ? {} : { reportFile: file }))
  const checked = checkCommands(config?.[at], at, { ...source, stopMs: stopTime ?? 1 }, problems)
  const ordered = inStartOrder(checked, problems)
  problems.throwIfAny()
  return {
    commands: ordered.flatMap(({ plan }) => plan ?? []),
    names: checked.map(({ name }) => name),
    ...(terminationGracePeriodSeconds !== undefined && { terminationGracePeriodSeconds }),
    ...(preStop !== undefined && { preStop }),
    ...(file !== undefined && { reportFile: file }),
    ...source.overrides,
  }
}

function checkCommands(given: unknown, at: string, source: CommandSource, problems: Problems): Checked[] {
  const commands = members(given)
  if (!commands || Object.keys(commands).length === 0) {
    problems.add(
      [at],
      `must be an object with a member for each command, got ${show(given)}. Write { "web": "node server.js" }.`,
    )
    return []
  }
  return Object.entries(commands).map(([name, command]) => {
    const path = [at, name]
    if (!NAME.test(name)) {
      problems.add(path, NO_NAME)
    }
    return checkCommand(name, command, path, source, problems)
  })
}
