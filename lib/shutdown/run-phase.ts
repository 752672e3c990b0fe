import { hookLimitMs, type Pace, phaseLimitMs } from '../clock/budget.ts'
import { type Deadline, remainingMs } from '../clock/deadline.ts'
import type { Phase } from '../clock/phases.ts'
import type { Hook } from '../hooks/hook.ts'
import { inOrder, levelsAfter } from '../hooks/hook-order.ts'
import { type HookFrame, type HookOutcome, runHook } from '../hooks/run-hook.ts'

/** What every hook of a shutdown runs in. */
export interface PhaseFrame extends Pick<HookFrame, 'reason' | 'now' | 'forced' | 'inside'> {
  readonly deadline: Deadline
  readonly totalMs: number
  readonly pace: Pace
  readonly used: () => ReadonlySet<Phase>
  /** Every change of a hook's state: running, then how it ended. */
  readonly note: (outcome: HookOutcome) => void
}

/** One phase while it runs: its hooks side by side, each as soon as those that it names have ended. */
export class PhaseRun {
  readonly phase: Phase
  readonly startedAt: number
  readonly limitMs: number
  readonly #frame: PhaseFrame
  readonly #hooks: Hook[] = []
  readonly #ended = new Map<string, Promise<unknown>>()

  constructor(phase: Phase, hooks: readonly Hook[], frame: PhaseFrame) {
    const { deadline, now, totalMs, pace } = frame
    this.phase = phase
    this.#frame = frame
    this.startedAt = now()
    const budget = { totalMs, remainingMs: remainingMs(deadline, now), used: frame.used() }
    this.limitMs = phaseLimitMs(phase, budget, pace)
    this.#hooks.push(...hooks)
    for (const hook of inOrder(hooks)) this.#start(hook)
  }

  /** A hook that was registered while its phase runs. */
  join(hook: Hook): void {
    this.#hooks.push(hook)
    this.#start(hook)
  }

  /** Resolves when every hook has ended, those that joined too. Hooks end at the phase's limit, so this does. */
  async done(): Promise<void> {
    let waitedFor = -1
    while (waitedFor !== this.#ended.size) {
      waitedFor = this.#ended.size
      await Promise.all(this.#ended.values())
    }
  }

  #start(hook: Hook): void {
    const before = hook.after.map((name) => this.#ended.get(name))
    this.#ended.set(
      hook.name,
      Promise.all(before).then(() => {
        const left = Math.max(0, this.startedAt + this.limitMs - this.#frame.now())
        return runOne(hook, hookLimitMs(left, levelsAfter(hook.name, this.#hooks)), false, this.#frame)
      }),
    )
  }
}

/** A hook whose phase is over when it is registered: it runs at once, within what is left. */
export function runLate(hook: Hook, frame: PhaseFrame): Promise<unknown> {
  return runOne(hook, remainingMs(frame.deadline, frame.now), true, frame)
}

async function runOne(hook: Hook, limitMs: number, late: boolean, frame: PhaseFrame): Promise<void> {
  const { reason, now, forced, inside, note } = frame
  const running = (): void => note({ ...neverRan(hook), limitMs, late, outcome: 'running', startedAt: now() })
  const overtimeMs = Math.min(frame.deadline.reserveMs / 2, limitMs / 10)
  note(await runHook(hook, { reason, now, forced, inside, limitMs, overtimeMs, late, started: running }))
}

/** The outcome of a hook that has not begun. */
export function neverRan(hook: Hook): HookOutcome {
  return {
    name: hook.name,
    phase: hook.phase,
    outcome: 'never ran',
    startedAt: null,
    endedAt: null,
    limitMs: 0,
    late: false,
    ...(hook.how && { how: hook.how }),
  }
}
