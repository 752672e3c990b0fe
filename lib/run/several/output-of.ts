import { prefixed } from '../../children/life/output.ts'
import type { SuperviseOptions } from '../../children/plan/child-options.ts'
import type { CommandPlan } from './config/check-command.ts'
import type { RunPlan } from './config/check-config.ts'

/** SGR codes that are read on light and dark: cyan, yellow, green, magenta, blue, and the same, bright. Red means trouble. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

/** Where the output of each command goes: names as wide as the longest, each in its colour. */
export function outputOf({
  commands,
  names,
}: RunPlan): (command: CommandPlan) => NonNullable<SuperviseOptions['output']> {
  const isPrefixed = ({ options }: CommandPlan): boolean => (options.output ?? 'prefix') === 'prefix'
  const width = Math.max(0, ...commands.filter(isPrefixed).map(({ name }) => name.length))
  return (command) => {
    if (!isPrefixed(command)) return command.options.output ?? 'prefix'
    const colour = COLOURS[names.indexOf(command.name) % COLOURS.length]
    return prefixed(command.name.padEnd(width), colour)
  }
}
