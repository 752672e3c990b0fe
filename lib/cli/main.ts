#!/usr/bin/env node
import { LastcallError } from '../errors.ts'
import { nearest } from '../options.ts'
import { print } from './print.ts'
import { UsageError } from './usage-error.ts'

type Command = (args: readonly string[]) => Promise<number>

/** Each is loaded when it is asked for: `run` starts a service, and what it does not need costs that service time. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run/run-command.ts')).runCommand,
  tree: async () => (await import('./tree.ts')).treeCommand,
  kill: async () => (await import('./kill.ts')).killCommand,
}

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    const { HELP } = await import('./help.ts')
    print(HELP)
    return 0
  }
  if (name === '--version') {
    const { version } = await import('./version.ts')
    print(`${version}\n`)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command) return (await command())(args)
  const near = nearest(name, [...Object.keys(COMMANDS), '--help', '--version'])
  throw new UsageError('', `there is no command ${name}.${near ? ` Did you mean ${near}?` : ''}`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof LastcallError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
