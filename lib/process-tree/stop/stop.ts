import { debugLog } from '../../debug-log.ts'
import { clearTimeout, performance, setTimeout, sleep } from '../../real-time.ts'
import { killMembers } from '../kill.ts'
import type { Member, Members } from '../members.ts'
import { isTrapShell, namesOf, titleOf } from '../names.ts'
import { processKey } from '../process-id.ts'
import { Spread } from '../spread.ts'
import { seesProcesses, stopUnseen } from '../without-proc.ts'
import { Ancestry } from './ancestry.ts'
import { deliver } from './deliver.ts'
import { tellTrapShell } from './hold.ts'
import { type RouteProc, RouteSnapshot } from './route-snapshot.ts'
import { whoNow } from './signal-route.ts'
import { StopMemory } from './stop-memory.ts'
import type { NamedProcess, StopOptions, StopResult, Told } from './stop-result.ts'

const log = debugLog('stop')

/**
 * Ends a tree well: the signal to whoever handles it, time for everybody, SIGKILL to whoever is left at the limit, and a
 * last look that proves the tree empty.
 */
export function stopTree(members: Members, options: StopOptions): Promise<StopResult> {
  return seesProcesses() ? new Stop(members, options).run() : stopUnseen(members, options)
}

/** A snapshot is taken every 8 ms for a second, then every 25; and never so often that we do nothing else. */
const pauseMs = (elapsedMs: number, costMs: number): number => Math.max(elapsedMs < 1_000 ? 8 : 25, costMs)

/** Each hold has an `exit` listener of its own, and Node warns of more than ten. */
const HOLDS_AT_ONCE = 8

/** How often a trap shell is left for the next snapshot because it went on to another command. */
const MOVES = 10

class Stop {
  readonly #members: Members
  readonly #options: StopOptions
  readonly #ancestry = new Ancestry()
  readonly #memory: StopMemory
  readonly #snapshot: RouteSnapshot
  /** The limit or the second signal: whatever waits ends. */
  readonly #end: AbortSignal
  readonly #limit = new AbortController()
  readonly #told: Told[] = []
  readonly #deaf = new Map<string, NamedProcess>()
  readonly #denied = new Map<string, Member>()
  /** How often each trap shell was about to be told. */
  readonly #asked = new Map<string, number>()
  #tree: readonly RouteProc[] = []

  constructor(members: Members, options: StopOptions) {
    const { signal, timeoutMs, reserveMs = 0, stepOver = [], kill } = options
    this.#members = members
    this.#options = options
    this.#memory = new StopMemory(processKey(members.root), this.#ancestry, { timeoutMs, reserveMs, stepOver })
    this.#snapshot = new RouteSnapshot(signal, this.#ancestry, { insist: true })
    this.#end = kill ? AbortSignal.any([kill, this.#limit.signal]) : this.#limit.signal
  }

  async run(): Promise<StopResult> {
    const timer = setTimeout(() => this.#limit.abort(), Math.max(0, this.#options.timeoutMs))
    try {
      return await this.#follow()
    } finally {
      clearTimeout(timer)
    }
  }

  async #follow(): Promise<StopResult> {
    for (let first = true; ; first = false) {
      const begin = performance.now()
      const living = await this.#read()
      if (living.length === 0) return this.#result()
      if (this.#end.aborted) return await this.#kill()
      this.#ancestry.learn(living)
      const asked = living.filter((member) => !this.#members.guards.has(member))
      this.#tree = await this.#snapshot.read(asked, this.#memory.told)
      this.#memory.learn(this.#tree)
      if (first) this.#rememberTold(living)
      await this.#tellNow()
      await this.#pause(performance.now() - begin)
    }
  }

  /** Somebody who ended between the listing and its turn may have left a child that was missed: then once more. */
  async #read(): Promise<Member[]> {
    for (let again = 0; ; again++) {
      const { living, vanished } = await this.#members.readSpread(this.#options.reading)
      if (living.length > 0 || vanished === 0 || again >= 5) return living
    }
  }

  #rememberTold(living: readonly Member[]): void {
    const { alreadyTold, signal } = this.#options
    if (!alreadyTold) return
    const reached = new Set(living.filter((member) => alreadyTold(member)).map(processKey))
    for (const p of this.#tree) {
      // Not who ignores it, what a shell started with `&`: TERM still reaches that one.
      if (reached.has(processKey(p)) && p.signal === signal) this.#note(p, 'terminal')
    }
  }

  async #tellNow(): Promise<void> {
    const restarts = this.#memory.findRestarted(this.#tree)
    const byKey = new Map(this.#tree.map((p) => [processKey(p), p]))
    const parents = restarts.flatMap((p) => {
      const parent = this.#ancestry.parentKey(processKey(p))
      return (parent !== undefined && byKey.get(parent)) || []
    })
    // The parent first: it must not start the next one.
    await this.#tellAll(new Set(parents))
    const now = whoNow(this.#tree, this.#memory)
    if (now.length === 0 && (this.#memory.short || !this.#memory.toldLive)) this.#noteDeaf()
    await this.#tellAll(new Set(now))
  }

  async #tellAll(procs: ReadonlySet<RouteProc>): Promise<void> {
    const shells: RouteProc[] = []
    if (procs.size > 0) this.#memory.beforeTelling()
    const spread = new Spread()
    for (const p of procs) {
      if (this.#memory.told.has(processKey(p))) continue
      if (this.#runsTrap(p)) shells.push(p)
      else this.#tell(p)
      if (spread.isFull) await spread.nextTurn()
      if (this.#end.aborted) return
    }
    for (let i = 0; i < shells.length; i += HOLDS_AT_ONCE) {
      await Promise.all(shells.slice(i, i + HOLDS_AT_ONCE).map((shell) => this.#tellShell(shell)))
    }
  }

  #tell(p: RouteProc): void {
    const delivery = deliver(p, p.signal)
    if (delivery === 'denied') this.#deny(p)
    else if (delivery === 'sent') this.#note(p, 'stop')
  }

  /** Refinement 7. */
  #runsTrap(p: RouteProc): boolean {
    return p.caught && !p.exitTrap && isTrapShell(namesOf(p)) && this.#tree.some((kid) => kid.ppid === p.pid)
  }

  /** One that starts a new command in every moment would never be told: after a while, as it is. */
  #mayMove(shell: RouteProc): boolean {
    const times = (this.#asked.get(processKey(shell)) ?? 0) + 1
    this.#asked.set(processKey(shell), times)
    return times <= MOVES
  }

  async #tellShell(shell: RouteProc): Promise<void> {
    const { delivery, told, foreground, alongside } = await tellTrapShell(shell, this.#tree, this.#memory.told, {
      end: this.#end,
      mayMove: this.#mayMove(shell),
    })
    if (delivery === 'denied') this.#deny(shell)
    if (delivery !== 'sent') return
    this.#note(shell, 'stop')
    if (alongside) this.#note(alongside, 'stop')
    for (const p of told) this.#note(p, 'trap')
    for (const p of foreground) this.#memory.foreground.add(processKey(p))
  }

  #note(p: RouteProc, by: Told['by']): void {
    if (this.#memory.told.has(processKey(p))) return
    this.#memory.remember(p)
    const { elapsedMs, short } = this.#memory
    const told: Told = { ...named(p), signal: p.signal, atMs: Math.round(elapsedMs), by, late: by === 'stop' && short }
    this.#told.push(told)
    log('%s told %d (%s) after %d ms', by, p.pid, told.name, told.atMs)
    this.#options.onTold?.(told)
  }

  /** Counts as told, so that it is not tried again; it may still end by itself. */
  #deny(p: RouteProc): void {
    this.#memory.remember(p)
    const member = this.#members.scan().find((one) => processKey(one) === processKey(p))
    if (member) this.#denied.set(processKey(p), member)
    log('may not signal %d (%s)', p.pid, p.comm)
  }

  #noteDeaf(): void {
    for (const p of this.#tree) {
      const key = processKey(p)
      if (!p.ignored || p.caught || p.blocked || this.#memory.told.has(key) || this.#deaf.has(key)) continue
      this.#deaf.set(key, named(p))
      log('%d (%s) ignores %s', p.pid, p.comm, p.signal)
      this.#options.onDeaf?.(named(p))
    }
  }

  async #kill(): Promise<StopResult> {
    const left = new Set((await this.#read()).map(processKey))
    this.#noteDeaf()
    const unstopped = this.#tree.filter((p) => left.has(processKey(p))).map(named)
    const { killed, survivors, denied } = await killMembers(this.#members)
    for (const member of denied) this.#denied.set(processKey(member), member)
    return this.#result(unstopped, killed, survivors)
  }

  #result(unstopped: NamedProcess[] = [], killed = 0, survivors: readonly Member[] = []): StopResult {
    const left = new Set(unstopped.map(processKey))
    return {
      told: this.#told,
      deaf: [...this.#deaf.values()].filter((p) => left.has(processKey(p))),
      unstopped,
      killed,
      survivors,
      denied: [...this.#denied.values()],
      durationMs: this.#memory.elapsedMs,
    }
  }

  async #pause(costMs: number): Promise<void> {
    const ms = pauseMs(this.#memory.elapsedMs, costMs)
    // Rejects when the end comes; what it means is the next turn's business.
    await sleep(ms, undefined, { signal: this.#end }).catch(() => {})
  }
}

function named(p: RouteProc): NamedProcess {
  return { pid: p.pid, startTime: p.startTime, name: titleOf(p, p.comm) }
}
