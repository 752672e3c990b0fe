import { hookLimitMs, overtimeMs, type Pace, phaseLimitMs } from '../clock/budget.ts'
import { remainingMs } from '../clock/deadline.ts'
import { Limit } from '../clock/limit.ts'
import type { LiveDeadline } from '../clock/live-deadline.ts'
import type { Phase } from '../clock/phases.ts'
import type { Hook } from '../hooks/hook.ts'
import { followers, inOrder, levelsAfter } from '../hooks/hook-order.ts'
import { type HookFrame, type HookOutcome, runHook } from '../hooks/run-hook.ts'

/** What every hook of a shutdown runs in. */
export interface PhaseFrame extends Pick<HookFrame, 'reason' | 'now' | 'forced' | 'inside'> {
  readonly deadline: LiveDeadline
  readonly pace: Pace
  readonly used: () => ReadonlySet<Phase>
  /** Every change of a hook's state: running, then how it ended. */
  readonly note: (outcome: HookOutcome) => void
}

/** One phase while it runs: its hooks side by side, each as soon as those that it names have ended. */
export class PhaseRun {
  readonly phase: Phase
  readonly startedAt: number
  readonly #limit: Limit
  readonly #frame: PhaseFrame
  readonly #hooks: Hook[] = []
  /** Undefined once a hook has joined, until they are asked for. */
  #levels: ReadonlyMap<string, number> | undefined
  readonly #ended = new Map<string, Promise<unknown>>()

  constructor(phase: Phase, hooks: readonly Hook[], frame: PhaseFrame) {
    this.phase = phase
    this.#frame = frame
    this.startedAt = frame.now()
    this.#limit = new Limit(this.#endsAt())
    // Before any hook listens: a hook's limit is a part of the phase's.
    frame.deadline.limit.onMoved((way) => this.#limit.move(this.#endsAt(), way))
    this.#hooks.push(...hooks)
    for (const hook of inOrder(hooks)) this.#start(hook)
  }

  /** What it may take; another than at its start where the deadline has moved. */
  get limitMs(): number {
    return this.#limit.at - this.startedAt
  }

  /** A hook that was registered while its phase runs. */
  join(hook: Hook): void {
    this.#hooks.push(hook)
    this.#levels = undefined
    this.#start(hook)
  }

  /** Resolves when every hook has ended, those that joined too. Hooks end at the phase's limit, so this does. */
  done(): Promise<void> {
    return this.#allEnded(() => new Set())
  }

  #start(hook: Hook): void {
    hook.beside?.(() => this.#allEnded(() => followers(hook, this.#hooks)))
    const before = hook.after.map((name) => this.#ended.get(name))
    this.#ended.set(
      hook.name,
      Promise.all(before).then(() => {
        const leftMs = (): number => hookLimitMs(this.#limit.at - this.#frame.now(), this.#levelsAfter(hook))
        return runOne(hook, this.#limit, leftMs, false, this.#frame)
      }),
    )
  }

  /** Those that joined meanwhile, too; all but the hooks of these names. */
  async #allEnded(except: () => ReadonlySet<string>): Promise<void> {
    let waitedFor = -1
    while (waitedFor !== this.#ended.size) {
      waitedFor = this.#ended.size
      const left = except()
      await Promise.all([...this.#ended].filter(([name]) => !left.has(name)).map(([, ended]) => ended))
    }
  }

  #levelsAfter({ name }: Hook): number {
    this.#levels ??= levelsAfter(this.#hooks)
    return this.#levels.get(name) ?? 0
  }

  #endsAt(): number {
    const { deadline, now, pace, used } = this.#frame
    const budget = { totalMs: deadline.totalMs, remainingMs: remainingMs(deadline, now), used: used() }
    return now() + phaseLimitMs(this.phase, budget, pace)
  }
}

/** A hook whose phase is over when it is registered: it runs at once, within what is left. */
export function runLate(hook: Hook, frame: PhaseFrame): Promise<unknown> {
  const { deadline, now } = frame
  return runOne(hook, deadline.limit, () => remainingMs(deadline, now), true, frame)
}

/** Resolves when all late hooks have ended: each may register others, of the last phase, too, which is over and still there. */
export async function lateEnded(late: readonly Promise<unknown>[], lastPhase: () => Promise<unknown>): Promise<void> {
  for (let seen = -1; seen < late.length; ) {
    seen = late.length
    await Promise.all(late)
    await lastPhase()
  }
}

/** `leftMs` is what it gets, now, of what it is a part of: asked again when `whole` has moved. */
async function runOne(hook: Hook, whole: Limit, leftMs: () => number, late: boolean, frame: PhaseFrame): Promise<void> {
  const { reason, now, forced, inside, note, deadline } = frame
  const limitMs = leftMs()
  const limit = new Limit(now() + limitMs)
  const off = whole.onMoved((way) => limit.move(now() + leftMs(), way))
  const running = (): void => note({ ...neverRan(hook), limitMs, late, outcome: 'running', startedAt: now() })
  const overtime = overtimeMs(limitMs, deadline.reserveMs)
  note(await runHook(hook, { reason, now, forced, inside, limit, overtimeMs: overtime, late, started: running }))
  off()
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
