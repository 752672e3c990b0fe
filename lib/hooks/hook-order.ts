import type { Hook } from './hook.ts'

type Node = Pick<Hook, 'name' | 'after'>

/** The names on a cycle that `hook` would close among `hooks`, its own first and last; undefined where there is none. */
export function findCycle(hook: Node, hooks: ReadonlyMap<string, Node>): string[] | undefined {
  const seen = new Set<string>()
  const walk = (node: Node, path: string[]): string[] | undefined => {
    for (const name of node.after) {
      if (name === hook.name) return [...path, name]
      const next = hooks.get(name)
      if (!next || seen.has(name)) continue
      seen.add(name)
      const found = walk(next, [...path, name])
      if (found) return found
    }
    return undefined
  }
  return walk(hook, [hook.name])
}

/** The hooks so that each stands after those that it names; names that are not among them are passed over. */
export function inOrder<H extends Node>(hooks: readonly H[]): H[] {
  const byName = new Map(hooks.map((hook) => [hook.name, hook]))
  const ordered = new Set<H>()
  const place = (hook: H): void => {
    if (ordered.has(hook)) return
    for (const name of hook.after) {
      const before = byName.get(name)
      if (before) place(before)
    }
    ordered.add(hook)
  }
  hooks.forEach(place)
  return [...ordered]
}

/**
 * By name, how many hooks wait for it, one after the other, in the longest chain. All at once: chain by chain, layers of
 * hooks that each name the whole layer before would take longer than any grace period.
 */
export function levelsAfter(hooks: readonly Node[]): Map<string, number> {
  const levels = new Map<string, number>()
  // Whoever waits for a hook comes before it here.
  for (const { name, after } of inOrder(hooks).reverse()) {
    const level = levels.get(name) ?? 0
    levels.set(name, level)
    for (const before of after) levels.set(before, Math.max(levels.get(before) ?? 0, level + 1))
  }
  return levels
}

/** The names of a hook and of all that wait for it, directly or not. */
export function followers(first: Node, nodes: readonly Node[]): ReadonlySet<string> {
  const names = new Set([first.name])
  for (const { name, after } of inOrder(nodes)) if (after.some((before) => names.has(before))) names.add(name)
  return names
}
