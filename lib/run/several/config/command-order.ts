import { findCycle, inOrder } from '../../../hooks/hook-order.ts'
import { nearest } from '../../../options.ts'
import type { Problems } from './problems.ts'

interface Named {
  readonly name: string
  readonly after: readonly string[]
}

/** Each command after those that it waits for, otherwise as they were given. A name that is none, and a cycle, are problems. */
export function inStartOrder<C extends Named>(commands: readonly C[], problems: Problems): C[] {
  const byName = new Map(commands.map((command) => [command.name, command]))
  const onCycle = new Set<string>()
  for (const command of commands) {
    for (const name of command.after) {
      if (byName.has(name)) continue
      const near = nearest(name, [...byName.keys()])
      const hint = near ? `Did you mean "${near}"?` : `Commands: ${[...byName.keys()].join(', ')}.`
      problems.add(['commands', command.name, 'after'], `names "${name}", and no command has that name. ${hint}`)
    }
    const cycle = onCycle.has(command.name) ? undefined : findCycle(command, byName)
    if (!cycle) continue
    for (const name of cycle) onCycle.add(name)
    problems.add(
      ['commands', command.name, 'after'],
      `closes a cycle, each starts after the next: ${cycle.join(' → ')}. Remove one of these.`,
    )
  }
  return onCycle.size > 0 ? [] : inOrder(commands)
}
