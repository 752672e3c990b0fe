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
}

/** One random shutdown. Times are in milliseconds. */
export interface Plan {
  readonly seed: number
  readonly as: 'library' | 'run'
  readonly pid1: boolean
  readonly graceSeconds: number
  readonly secondSignal: 'auto' | 'force' | 'ignore'
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
  const children = times(weighted([5, 0], [4, 1], [2, 2], [1, 3]), (n): ChildPlan => {
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
  return {
    ...{ seed, as, pid1, graceSeconds, begins, hooks, children, signals },
    secondSignal: weighted([6, 'auto' as const], [1, 'force' as const], [1, 'ignore' as const]),
    startMs: weighted([3, 0], [1, between(50, 400)]),
    beginMs: between(100, 500),
    exitCode: chance(0.15) ? weighted([3, 7], [1, 0]) : null,
    jobs: times(weighted([6, 0], [2, 1], [1, 3]), () => weighted([4, between(5, 200)], [1, null])),
  }
}
