import { chooser } from './chooser.ts'

const PHASES = ['preStop', 'drain', 'children', 'close', 'flush'] as const

export interface HookPlan {
  readonly name: string
  readonly phase: (typeof PHASES)[number]
  /** `blocks` holds the event loop for `ms`, the last three for ever; `exits` calls `process.exit` after `ms`. */
  readonly does: 'waits' | 'throws' | 'hangs' | 'blocks' | 'exits' | 'loop' | 'atomics' | 'native'
  readonly ms: number
  readonly timeoutMs?: number
}

export interface ChildPlan {
  readonly name: string
  /** `forks` leaves three behind when it ends; `daemonises` has one in a session of its own, re-parented. */
  readonly does: 'obeys' | 'ignores' | 'forks' | 'daemonises' | 'daemonises deaf'
  /** What it needs to clean up. */
  readonly ms: number
  readonly stopTimeoutMs?: number
  /** It ends by itself, each run so long after it began to listen. */
  readonly ends?: { readonly afterMs: number; readonly code: number }
  readonly restart: 'never' | 'on-failure' | 'always'
  readonly significant: boolean
}

/** One random shutdown. Times are in milliseconds. */
export interface Plan {
  readonly seed: number
  readonly as: 'library' | 'run'
  readonly pid1: boolean
  readonly graceSeconds: number
  readonly secondSignal: 'auto' | 'force' | 'ignore'
  /** Comes before `createShutdown` is called. */
  readonly early: NodeJS.Signals | null
  /** SIGKILL from outside, before the shutdown or in the middle of it, since `createShutdown`. */
  readonly killedAtMs: number | null
  /** From `createShutdown` to `ready()`: signals may come before. */
  readonly startMs: number
  /** What the app itself does after `beginMs`; a signal may be earlier. */
  readonly begins: 'signal' | 'call' | 'error'
  readonly beginMs: number
  readonly exitCode: number | null
  readonly hooks: readonly HookPlan[]
  /** Tracked jobs: what each needs after the begin; null for ever. */
  readonly jobs: readonly (number | null)[]
  readonly children: readonly ChildPlan[]
  /** Since `createShutdown`. */
  readonly signals: readonly { readonly signal: NodeJS.Signals; readonly atMs: number }[]
}

/** The same seed is the same plan, on every machine. */
export function planOf(seed: number, { pid1: canBePid1 = true } = {}): Plan {
  const { chance, between, weighted, times } = chooser(seed)
  const as = chance(0.3) ? 'run' : 'library'
  const pid1 = chance(0.35) && canBePid1
  const graceSeconds = weighted([2, 1], [4, 2], [2, 3], [1, 4], [1, 5])
  // Below `run` what begins it is the signal to `run`: who begins before that has another clock.
  const begins = as === 'run' ? 'signal' : weighted([8, 'signal' as const], [1, 'call' as const], [1, 'error' as const])
  // One that ends everything is enough: of two, only the first would be seen.
  const fatalAt = chance(0.3) ? between(0, 3) : -1
  const hooks = times(between(0, 6), (n): HookPlan => {
    const does =
      n === fatalAt
        ? weighted([4, 'exits' as const], [2, 'loop' as const], [1, 'atomics' as const], [1, 'native' as const])
        : weighted([10, 'waits' as const], [3, 'throws' as const], [3, 'hangs' as const], [2, 'blocks' as const])
    const isShort = does === 'hangs' ? chance(0.7) : chance(0.15)
    const ms = does === 'exits' || does === 'blocks' ? between(10, 150) : weighted([6, between(5, 200)], [1, 3_000])
    return {
      ...{ name: `hook${n}`, phase: PHASES[between(0, 4)] as HookPlan['phase'], does, ms },
      ...(isShort && n !== fatalAt && { timeoutMs: between(100, 500) }),
    }
  })
  const children = times(weighted([5, 0], [4, 1], [2, 2], [1, 3]), (n): Omit<ChildPlan, 'restart' | 'significant'> => {
    const does = weighted(
      [4, 'obeys' as const],
      [2, 'ignores' as const],
      [2, 'forks' as const],
      [2, 'daemonises' as const],
      [1, 'daemonises deaf' as const],
    )
    return { name: `child${n}`, does, ms: between(0, 150), ...(chance(0.4) && { stopTimeoutMs: between(200, 500) }) }
  })
  // A gap is an echo or a second thought, never near the 500 ms between the two.
  let atMs = weighted([1, between(0, 40)], [4, between(150, 600)])
  const signals = times(weighted([6, 1], [3, 2], [1, 4]), () => {
    const one = { signal: weighted([4, 'SIGTERM' as const], [3, 'SIGINT' as const], [1, 'SIGHUP' as const]), atMs }
    atMs += chance(0.5) ? between(20, 150) : between(900, 1_400)
    return one
  })
  const rest = {
    secondSignal: weighted([6, 'auto' as const], [1, 'force' as const], [1, 'ignore' as const]),
    startMs: weighted([3, 0], [1, between(50, 400)]),
    beginMs: between(100, 500),
    exitCode: chance(0.15) ? weighted([3, 7], [1, 0]) : null,
    jobs: times(weighted([6, 0], [2, 1], [1, 3]), () => weighted([4, between(5, 200)], [1, null])),
  }
  const lives = children.map((child): ChildPlan => {
    // Below `run` one whose end begins the shutdown would give it another clock.
    const ends = as === 'library' && child.does === 'obeys' && chance(0.6)
    return {
      ...child,
      ...(ends && { ends: { afterMs: between(20, 150), code: weighted([2, 0], [3, 3]) } }),
      restart: weighted([2, 'never' as const], [2, 'on-failure' as const], [1, 'always' as const]),
      significant: as === 'library' && chance(0.4),
    }
  })
  // Half of the time the child's end has all the time that it needs to begin it.
  const waitsMs = chance(0.5) ? Math.max(0, ...lives.map(beginsAfterMs).filter((ms) => ms < Infinity)) : 0
  const isKilled = as === 'library' && chance(children.length > 0 ? 0.12 : 0.02)
  // A guard needs a moment to start; then it holds.
  const killedAtMs = isKilled ? between(1_500, 2_500) : null
  const laterMs = isKilled && chance(0.6) ? 1_400 : 0
  return {
    ...{ seed, as, pid1, graceSeconds, begins, hooks, children: lives, ...rest, killedAtMs },
    signals: signals.map((one) => ({ ...one, atMs: one.atMs + Math.max(waitsMs, laterMs) })),
    early: chance(0.06) ? weighted([2, 'SIGTERM' as const], [1, 'SIGINT' as const], [1, 'SIGHUP' as const]) : null,
  }
}

/** The fifth end within a minute is one too many. */
const MOST_ENDS = 5

/** How often it ends by itself until it has ended for good. */
export function endsInAll({ ends, restart }: ChildPlan): number {
  const isRestarted = restart === 'always' || (restart === 'on-failure' && ends?.code !== 0)
  return isRestarted ? MOST_ENDS : 1
}

/** When a child's own end begins the shutdown at the latest, on a machine that is not too busy; else never. */
export function beginsAfterMs(child: ChildPlan): number {
  const { ends, significant } = child
  const inAll = endsInAll(child)
  if (!ends || (!significant && inAll === 1)) return Infinity
  // Delays of 100, 200, 400 and 800 ms between five runs.
  return inAll * (ends.afterMs + 300) + (inAll === 1 ? 0 : 1_500) + 700
}
