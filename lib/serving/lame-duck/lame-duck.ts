import { LAME_DUCK } from '../../clock/budget.ts'
import { type Deadline, type Now, remainingMs } from '../../clock/deadline.ts'
import { debugLog } from '../../debug-log.ts'
import type { Findings } from '../../hooks/findings.ts'
import type { Hook, HookContext } from '../../hooks/hook.ts'
import type { LameDuckReport } from '../../hooks/traffic-report.ts'
import type { Drainable } from '../drainable.ts'
import { Arrivals, type Watcher } from './arrivals.ts'
import { Farewells } from './farewell/farewells.ts'
import { lameDuckReport, skipped } from './findings.ts'
import { isProbe, type ProbeKnowledge } from './probe.ts'
import type { Plan } from './rule.ts'
import { Sources } from './sources.ts'
import type { Times } from './times.ts'
import { untilOver } from './until-over.ts'
import type { Line, Wire } from './wire.ts'

const debug = debugLog('lame-duck')

/** No name that a user would give to a hook. */
export const HOOK_NAME = 'lastcall: lame duck'

export interface LameDuckOptions {
  readonly lameDuckMs: number
  /** Undefined: what the budget allows. */
  readonly maxMs: number | undefined
  readonly quietMs: number
}

export interface LameDuckSetup extends LameDuckOptions {
  readonly add: (hook: Hook) => () => void
  readonly stopping: AbortSignal
  readonly now: Now
  readonly times: Times
  readonly probes: ProbeKnowledge
  /** Whether this process serves. */
  readonly isReady: () => boolean
  /** So long before the shutdown the pod's end began, in milliseconds. */
  readonly beganAgoMs: () => number
  readonly deadline: () => Deadline
  /** Why there is none now, in words, beside what is known here. */
  readonly whyNot: (context: HookContext) => string | undefined
  /** Why it has to end now, in words, whoever still sends. */
  readonly mustEnd: () => string | undefined
  /** The least budget, in milliseconds. @default LAME_DUCK.leastMs */
  readonly leastMs?: number
}

/** Serves on, and says goodbye, until routing has caught up: the built-in part of preStop. */
export class LameDuck implements Watcher {
  readonly #setup: LameDuckSetup
  readonly #sources: Sources
  readonly #arrivals = new Map<Wire, Arrivals>()
  /** Each that is watched, and what ends that. */
  readonly #watched = new Map<Drainable, (() => void)[]>()
  /** They serve, and we cannot watch who comes. */
  readonly #unwatched = new Set<object>()
  #farewells: Farewells | undefined
  #listenedSince: number | undefined
  #isJoined = false
  #report: LameDuckReport | undefined
  readonly #counts = { connections: 0, requests: 0, probes: 0 }
  /** Accepted since the begin, and no ordinary request has come: when. */
  readonly #fresh = new WeakMap<Line, number>()
  #plan: Plan | undefined

  constructor(setup: LameDuckSetup) {
    this.#setup = setup
    this.#sources = new Sources(setup.times)
  }

  /** Watches who sends to a server; returns what ends that. */
  watch(drainable: Drainable): () => void {
    this.#join()
    const wires = drainable.wires?.() ?? []
    this.#watched.set(drainable, [])
    if (wires.length === 0) this.#unwatched.add(drainable)
    for (const wire of wires) this.#watchWire(drainable, wire)
    return () => {
      for (const off of this.#watched.get(drainable) ?? []) off()
      this.#watched.delete(drainable)
      this.#unwatched.delete(drainable)
    }
  }

  /** Somebody serves, whom we cannot watch: then it lasts its whole time. */
  joinUnwatched(): void {
    this.#unwatched.add({})
    this.#join()
  }

  #join(): void {
    if (this.#isJoined || this.#setup.stopping.aborted) return
    this.#isJoined = true
    this.#setup.add({
      ...{ name: HOOK_NAME, phase: 'preStop', after: [], timeoutMs: undefined },
      run: (context) => this.#run(context),
      findings: (): Findings => (this.#report ? { lameDuck: this.#report } : {}),
    })
  }

  /** Drain begins, which tells whoever is left. */
  stop(): void {
    for (const arrivals of this.#arrivals.values()) arrivals.stop()
    this.#arrivals.clear()
    this.#farewells?.stop()
  }

  /** Whether a listener of requests is on a server now. */
  get listensToRequests(): boolean {
    return [...this.#arrivals.values()].some((arrivals) => arrivals.listensToRequests)
  }

  arrived(line: Line, address: string): boolean {
    const { now } = this.#setup
    if (this.#plan) {
      this.#fresh.set(line, now())
      return true
    }
    const source = this.#sources.connection(address, now())
    return source !== undefined && !source.client
  }

  requested(line: Line, address: string, request: Parameters<typeof isProbe>[0]): void {
    if (isProbe(request, this.#setup.probes)) {
      this.#counts.probes++
      return
    }
    this.#client(line, address)
  }

  #client(line: Line, address: string): void {
    if (this.#plan) {
      this.#counts.requests++
      const acceptedAt = this.#fresh.get(line)
      if (acceptedAt !== undefined) {
        this.#fresh.delete(line)
        this.#counts.connections++
        this.#sources.connection(address, acceptedAt)
      }
      this.#sources.request(address, this.#setup.now())
    }
    const source = this.#sources.all.get(address)
    if (source) source.client = true
  }

  #watchWire(drainable: Drainable, wire: Wire): void {
    if (wire.server.address() !== null) this.#listens()
    else wire.server.once('listening', this.#listens)
    const watcher: Watcher = {
      requested: (...given) => this.requested(...given),
      arrived: (line, address) => {
        const asks = this.arrived(line, address)
        // What is spoken on it is not known: each connection counts.
        if (wire.protocol === 'net') this.#client(line, address)
        return asks && wire.protocol !== 'net'
      },
    }
    const arrivals = new Arrivals(wire, watcher)
    this.#arrivals.set(wire, arrivals)
    this.#watched.get(drainable)?.push(() => {
      wire.server.off('listening', this.#listens)
      arrivals.stop()
      this.#arrivals.delete(wire)
    })
    if (this.#plan) this.#sayFarewell([wire])
  }

  readonly #listens = (): void => {
    this.#listenedSince ??= this.#setup.now()
  }

  async #run(context: HookContext): Promise<void> {
    const plan = this.#planFor(context)
    if (typeof plan === 'string') {
      this.#report = skipped(plan)
      debug('skipped: %s', plan)
      return
    }
    this.#plan = plan
    this.#counts.probes = 0
    // Where a server's own servers came later: ports of gRPC.
    for (const drainable of this.#watched.keys()) {
      for (const wire of drainable.wires?.() ?? []) {
        const isKnown = [...this.#arrivals.keys()].some(({ server }) => server === wire.server)
        if (!isKnown) this.#watchWire(drainable, wire)
      }
    }
    this.#sayFarewell([...this.#arrivals.keys()])
    const judgement = await untilOver({
      ...{ sources: this.#sources, plan, times: this.#setup.times, now: this.#setup.now, signal: context.signal },
      mustEnd: () => this.#setup.mustEnd() ?? (this.#isClosed() ? 'no server listens' : undefined),
    })
    const setup = { sources: this.#sources, plan, times: this.#setup.times, now: this.#setup.now() }
    this.#report = lameDuckReport({
      ...setup,
      ...judgement,
      counts: this.#counts,
      hadAgo: this.#setup.beganAgoMs() > 0,
    })
    debug('%o', this.#report)
  }

  /** A text where there is none: the reason. */
  #planFor(context: HookContext): Plan | string {
    const { now, deadline, beganAgoMs, lameDuckMs, maxMs, quietMs, isReady, whyNot, leastMs } = this.#setup
    const agoMs = beganAgoMs()
    const left = remainingMs(deadline(), now)
    if (context.reason.kind === 'error') return 'an error began it'
    if (!isReady() || this.#isForNobody) return 'nothing was serving'
    if (lameDuckMs === 0) return 'by option'
    const why = whyNot(context)
    if (why !== undefined) return why
    if (deadline().killAt - now() + agoMs < (leastMs ?? LAME_DUCK.leastMs)) return 'the grace period is too short'
    const most = Math.min(LAME_DUCK.part * (left + agoMs), agoMs + LAME_DUCK.part * left, agoMs + context.remainingMs())
    const ceiling = Math.min(most, maxMs ?? most)
    const began = now() - agoMs
    const listened = this.#listenedSince === undefined ? 0 : Math.max(0, began - this.#listenedSince)
    return { began, planned: Math.min(lameDuckMs, ceiling), ceiling, quietMs, listened }
  }

  #sayFarewell(wires: readonly Wire[]): void {
    const plan = this.#plan
    if (!plan) return
    const isFirst = this.#farewells === undefined
    this.#farewells ??= new Farewells((address) => this.#sources.told(address))
    for (const wire of wires) {
      this.#arrivals.get(wire)?.listenToAll()
      this.#farewells.add(wire)
    }
    if (isFirst) this.#sources.begin(plan.began, this.#farewells.open())
  }

  /** Every server was taken off. */
  get #isForNobody(): boolean {
    return this.#watched.size === 0 && this.#unwatched.size === 0
  }

  /** The app has closed all of its servers itself, or taken them off: nobody can come. */
  #isClosed(): boolean {
    return this.#unwatched.size === 0 && [...this.#arrivals.keys()].every(({ server }) => server.address() === null)
  }
}
