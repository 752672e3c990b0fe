import type { Findings } from '../../hooks/findings.ts'
import type { Reason } from '../../hooks/reason.ts'
import type { CommandPlan } from './config/check-command.ts'
import { type CommandEnd, exitCodeOf } from './exit-code.ts'

/** The last ends of the commands, in the order in which they come, and what they mean for `run`. */
export class Ends {
  /** Resolves when no command will ever run again. */
  readonly all: Promise<void>
  /** Aborts at the same moment. */
  readonly over = new AbortController()
  readonly #plans: ReadonlyMap<string, CommandPlan>
  readonly #left: Set<string>
  readonly #ends: CommandEnd[] = []
  /** Before the shutdown began: its children no longer count them. */
  readonly #earlier: CommandEnd[] = []

  constructor(plans: readonly CommandPlan[]) {
    this.#plans = new Map(plans.map((plan) => [plan.name, plan]))
    this.#left = new Set(this.#plans.keys())
    this.all = new Promise((resolve) => {
      this.over.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  isSignificant(name: string | undefined): name is string {
    return name !== undefined && this.#plans.get(name)?.options.significant === true
  }

  /** `end` is undefined for one that never ran; `beginsIt` says whether the shutdown begins by it, or has begun. */
  add(name: string, end: CommandEnd | undefined, beginsIt: boolean): void {
    this.#left.delete(name)
    if (end) this.#ends.push(end)
    if (end && !beginsIt) this.#earlier.push(end)
    if (this.#left.size === 0) this.over.abort()
  }

  /** True when `name` is the only one that has not ended. */
  isLast(name: string): boolean {
    return this.#left.size === 1 && this.#left.has(name)
  }

  findings(reason: Reason | undefined, started: (name: string) => number | undefined): Findings {
    const still = [...this.#left].flatMap((name): CommandEnd[] => {
      const pid = started(name)
      // SIGKILL was the last it got.
      return pid === undefined ? [] : [{ name, pid, code: null, signal: 'SIGKILL', failed: false, told: undefined }]
    })
    const begunBy = reason?.kind === 'child' && this.isSignificant(reason.child) ? reason.child : undefined
    const exitCode = exitCodeOf([...this.#ends, ...still], begunBy)
    const children = this.#earlier.map(({ name, pid, code, signal }) => ({
      ...{ name, pid, code, signal },
      ...{ told: [], killed: 0, durationMs: 0 },
    }))
    // After Ctrl-C the table decides: on a terminal we die of it, so that a shell's `a && b` ends.
    return { children, ...((exitCode !== 0 || reason?.signal !== 'SIGINT') && { exitCode }) }
  }
}
