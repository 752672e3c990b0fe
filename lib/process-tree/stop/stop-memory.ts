import { performance } from '../../real-time.ts'
import { cookieOfRoot, makersOf } from '../cookie.ts'
import { fromProc } from '../find-linux.ts'
import { processKey } from '../process-id.ts'
import type { Ancestry } from './ancestry.ts'
import type { RouteProc } from './route-snapshot.ts'
import { isPipe, type Memory } from './signal-route.ts'

/** The longest that after-work is let run, and the time at the end in which told ones no longer shield their children. */
const PATIENCE_MS = 5_000

/** For how long one that was stepped over and wants to run counts as about to end. */
const STARVED_MS = 1_000

/** Of StopOptions, complete. */
export interface StopLimits {
  readonly timeoutMs: number
  readonly reserveMs: number
  readonly stepOver: readonly string[]
}

const NOBODY: ReadonlySet<string> = new Set()

/** What a stop remembers from snapshot to snapshot: the rule itself is a pure function of both. */
export class StopMemory implements Memory {
  readonly self = process.pid
  readonly told = new Set<string>()
  readonly passed = new Set<string>()
  readonly daemons = new Set<string>()
  readonly foreground = new Set<string>()
  readonly restarted = new Set<string>()
  readonly stepOver: ReadonlySet<string>
  bornAfter = Number.POSITIVE_INFINITY
  quietMs = 0
  afterWorkOver = false
  short = false

  readonly #rootKey: string
  readonly #ancestry: Ancestry
  readonly #timeoutMs: number
  readonly #reserveMs: number
  readonly #startedAt = performance.now()
  /** Whom we told, with what they were and who had started them. */
  readonly #toldAs = new Map<string, RouteProc>()
  readonly #supervised = new Set<string>()
  readonly #looked = new Set<string>()
  #living: ReadonlySet<string> = new Set()
  #changedAt = this.#startedAt
  #quietSince = this.#startedAt
  #toldLivedAt = this.#startedAt
  /** After-work was over once: whatever is started from then on comes from somebody who goes on starting. */
  #patienceLost = false
  #knownThen: ReadonlySet<string> = new Set()

  constructor(rootKey: string, ancestry: Ancestry, limits: StopLimits) {
    this.#rootKey = rootKey
    this.#ancestry = ancestry
    this.#timeoutMs = limits.timeoutMs
    this.#reserveMs = limits.reserveMs
    this.stepOver = new Set(limits.stepOver)
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Takes in a snapshot; the first one shows who was there at the stop. */
  learn(tree: readonly RouteProc[]): void {
    const now = performance.now()
    if (this.bornAfter === Number.POSITIVE_INFINITY) this.#learnFirst(tree)
    const living = new Set(tree.map(processKey))
    if (living.size !== this.#living.size || [...living].some((key) => !this.#living.has(key))) {
      this.#changedAt = now
      this.#quietSince = now
    } else if (now - this.#changedAt < STARVED_MS && this.#someoneIsEnding(tree)) this.#quietSince = now
    this.#living = living
    this.quietMs = now - this.#quietSince
    if (this.toldLive) this.#toldLivedAt = now
    const patienceMs = Math.min(PATIENCE_MS, this.#timeoutMs / 4)
    this.afterWorkOver = !this.toldLive && now - this.#toldLivedAt >= patienceMs
    this.short = this.elapsedMs >= this.#timeoutMs - patienceMs
    this.#learnSupervised(tree)
    if (this.afterWorkOver && !this.#patienceLost) {
      this.#patienceLost = true
      this.#knownThen = living
    }
  }

  get supervised(): ReadonlySet<string> {
    return this.elapsedMs < this.#timeoutMs - this.#reserveMs ? this.#supervised : NOBODY
  }

  get toldLive(): boolean {
    for (const key of this.told) if (this.#living.has(key)) return true
    return false
  }

  /**
   * Before anybody is told: whoever started earlier than now is no after-work, also if the first snapshot missed it. Read
   * before the signal goes out: a busy machine may give us the processor back when the server has ended already.
   */
  beforeTelling(): void {
    if (this.told.size === 0) this.bornAfter = Math.max(this.bornAfter, ticksNow() - 1)
  }

  remember(p: RouteProc): void {
    this.told.add(processKey(p))
    this.#toldAs.set(processKey(p), p)
  }

  /**
   * Refinement 4, restarts: `until server; do sleep 1; done`. Newcomers with the executable and arguments of a told sibling;
   * and all that come when after-work is over, from a loop that starts something else each time.
   */
  findRestarted(tree: readonly RouteProc[]): RouteProc[] {
    const found = tree.filter((p) => {
      const key = processKey(p)
      if (p.startTime <= this.bornAfter || this.told.has(key) || this.restarted.has(key)) return false
      return (this.#patienceLost && !this.#knownThen.has(key)) || this.#replacesTold(p, key)
    })
    for (const p of found) this.restarted.add(processKey(p))
    return found
  }

  /** Whose child has ended, and who wants to run: on a busy machine 250 ms may pass before it gets a processor. */
  #someoneIsEnding(tree: readonly RouteProc[]): boolean {
    const parents = new Set(tree.map((p) => p.ppid))
    return tree.some((p) => 'RD'.includes(p.state) && this.passed.has(processKey(p)) && !parents.has(p.pid))
  }

  #replacesTold(p: RouteProc, key: string): boolean {
    const parent = this.#ancestry.parentKey(key)
    if (parent === undefined || p.argv.length === 0) return false
    for (const [toldKey, told] of this.#toldAs) {
      if (this.#ancestry.parentKey(toldKey) === parent && told.exe === p.exe && sameWords(told.argv, p.argv))
        return true
    }
    return false
  }

  /**
   * The mark in the environment of a supervised one names its parent: here one that we told. A daemon of its tree has
   * lost that parent, and kept the mark. Looked at early, since who ends has no environment any more; and once more when
   * it matters, since a fork has its parent's until it execs.
   */
  #learnSupervised(tree: readonly RouteProc[]): void {
    const toldPids = new Set(tree.filter((p) => this.told.has(processKey(p))).map((p) => p.pid))
    for (const p of tree) {
      const key = processKey(p)
      const look = `${key}${this.short ? ' again' : ''}`
      const isOrphan = p.ppid === 0 && toldPids.size > 0
      if (!(toldPids.has(p.ppid) || isOrphan) || this.#supervised.has(key) || this.#looked.has(look)) continue
      this.#looked.add(look)
      const isTheirs = isOrphan ? makersOf(p).some((pid) => toldPids.has(pid)) : cookieOfRoot(p) !== undefined
      if (isTheirs) this.#supervised.add(key)
    }
  }

  #learnFirst(tree: readonly RouteProc[]): void {
    this.bornAfter = Math.max(0, ...tree.map((p) => p.startTime))
    const parents = new Set(tree.map((p) => p.ppid))
    for (const p of tree) {
      const key = processKey(p)
      if (p.ppid === 0 && key !== this.#rootKey) this.daemons.add(key)
      if (parents.has(p.pid) || isPipe(p.stdin)) this.passed.add(key)
    }
  }
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i])
}

/** Now, in the unit of start times: ticks of a hundredth of a second since boot; 0 where it cannot be read. */
function ticksNow(): number {
  return Math.floor(Number.parseFloat(fromProc('/proc/uptime') ?? '0') * 100)
}
