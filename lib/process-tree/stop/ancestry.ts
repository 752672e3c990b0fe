import type { Member } from '../members.ts'
import { processKey } from '../process-id.ts'

/**
 * Who started whom, remembered beyond the parent's death: the kernel hands orphans to PID 1, but for the rule they belong
 * to their nearest ancestor that lives.
 */
export class Ancestry {
  /** The parent within the tree at the first sight of each, dead or alive. */
  readonly #parents = new Map<string, string>()
  #living = new Map<string, Member>()

  learn(living: readonly Member[]): void {
    const byPid = new Map(living.map((m) => [m.pid, m]))
    this.#living = new Map(living.map((m) => [processKey(m), m]))
    for (const member of living) {
      const key = processKey(member)
      if (this.#parents.has(key)) continue
      const parent = byPid.get(member.ppid)
      // A parent is never younger: the pid was given out again between two lines of the reading.
      if (parent && parent.startTime <= member.startTime) this.#parents.set(key, processKey(parent))
    }
  }

  /** Who started it, as a key; undefined for the root and for a process that had lost its parent at first sight. */
  parentKey(key: string): string | undefined {
    return this.#parents.get(key)
  }

  nearestLiving(key: string): Member | undefined {
    const passed = new Set([key])
    for (let up = this.#parents.get(key); up !== undefined && !passed.has(up); up = this.#parents.get(up)) {
      const member = this.#living.get(up)
      if (member) return member
      passed.add(up)
    }
    return undefined
  }
}
