import type { Phase } from '../clock/phases.ts'
import { LastcallError } from '../errors.ts'
import { nearest } from '../options.ts'
import type { Hook } from './hook.ts'
import { findCycle } from './hook-order.ts'

/** The registered hooks. Every check comes before the change: a hook that is refused leaves the list as it was. */
export class HookList {
  readonly #hooks = new Map<string, Hook>()
  /** Every name that ever was: one that was taken off is no typing error. */
  readonly #names = new Set<string>()
  #isComplete = false

  /** `before`: hooks of the same phase that wait for this one; those that are not there are passed over. */
  add(hook: Hook, before: readonly string[] = []): void {
    const twin = this.#hooks.get(hook.name)
    if (twin) {
      throw new LastcallError(
        'ERR_LASTCALL_DUPLICATE',
        `a hook named "${hook.name}" exists already, in phase ${twin.phase}. Give this one another name: the report tells hooks apart by it.`,
      )
    }
    this.#checkPhases(hook)
    const cycle = findCycle(hook, this.#hooks)
    if (cycle) {
      throw new LastcallError(
        'ERR_LASTCALL_CYCLE',
        `hook "${hook.name}" closes a cycle, each runs after the next: ${cycle.join(' → ')}. Remove one of these from an after.`,
      )
    }
    if (this.#isComplete) this.#checkNames(hook)
    this.#hooks.set(hook.name, hook)
    this.#names.add(hook.name)
    for (const name of before) {
      const later = this.#hooks.get(name)
      if (later) this.#hooks.set(name, { ...later, after: [...later.after, hook.name] })
    }
  }

  remove(hook: Hook): void {
    if (this.#hooks.get(hook.name)?.run === hook.run) this.#hooks.delete(hook.name)
  }

  of(phase: Phase): Hook[] {
    return [...this.#hooks.values()].filter((hook) => hook.phase === phase)
  }

  /** Phases with something registered: the others are guaranteed no time. */
  phases(): ReadonlySet<Phase> {
    return new Set([...this.#hooks.values()].map((hook) => hook.phase))
  }

  /** The start is over: from now on every name in an `after` must exist. Until then it may be registered later. */
  complete(): void {
    for (const hook of this.#hooks.values()) this.#checkNames(hook)
    this.#isComplete = true
  }

  /** What is wrong with an `after` where nobody has called `complete`: it orders nothing, and the report says so. */
  faults(): string[] {
    return [...this.#hooks.values()].flatMap((hook) =>
      hook.after
        .filter((name) => !this.#names.has(name))
        .map((name) => `hook ${hook.name} runs after "${name}", and no hook has that name`),
    )
  }

  #checkNames(hook: Hook): void {
    const missing = hook.after.find((name) => !this.#hooks.has(name))
    if (missing === undefined) return
    const names = this.of(hook.phase)
      .map((other) => other.name)
      .filter((name) => name !== hook.name)
    const near = nearest(missing, names)
    const hint = near ? `Did you mean "${near}"?` : `Hooks of phase ${hook.phase}: ${names.join(', ') || 'no other'}.`
    throw new LastcallError(
      'ERR_LASTCALL_AFTER',
      `hook "${hook.name}" runs after "${missing}", and no hook has that name. ${hint}`,
    )
  }

  /** Across phases the order is given: `after` would be redundant or impossible. */
  #checkPhases(hook: Hook): void {
    for (const other of this.#hooks.values()) {
      if (other.phase === hook.phase) continue
      const [from, to] = hook.after.includes(other.name)
        ? [hook, other]
        : other.after.includes(hook.name)
          ? [other, hook]
          : []
      if (!from || !to) continue
      throw new LastcallError(
        'ERR_LASTCALL_AFTER',
        `hook "${from.name}" (phase ${from.phase}) runs after "${to.name}" (phase ${to.phase}), but after orders hooks of one phase. ` +
          'Phases run in the order preStop, drain, children, close, flush: move one of them, or remove the name.',
      )
    }
  }
}
