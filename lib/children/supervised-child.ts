import type { Writable } from 'node:stream'
import { LastcallError } from '../errors.ts'
import type { Findings } from '../hooks/findings.ts'
import type { HookContext } from '../hooks/hook.ts'
import type { StopResult } from '../process-tree/stop.ts'
import { type ChildEvent, ChildEvents, type ChildState } from './child-events.ts'
import { childFindings } from './child-findings.ts'
import type { ChildPlan } from './child-plan.ts'
import { type ChildEnd, ChildRun, exitCodeOf } from './child-run.ts'
import { afterEnd, NO_RESTARTS, type RestartMemory } from './restart.ts'
import type { Heritage } from './spawn.ts'

/** What a child needs of the rest. */
export interface ChildHost {
  readonly now: () => number
  /** The children that this one waits for. */
  readonly before: readonly SupervisedChild[]
  /** Environment and descriptor by which a lastcall in the child learns its deadline. */
  readonly heritage: (plan: ChildPlan) => Heritage
  /** A tree lives from `started` to `over`: somebody remembers its members, and kills them should we be killed. */
  readonly started: (run: ChildRun) => void
  readonly over: (run: ChildRun) => void
  /** Just before the stop signal: tells the child when SIGKILL comes. */
  readonly announce: (run: ChildRun, limitMs: number) => void
  /** It has come to its last end: by its policy, or out of restarts. */
  readonly ended: (child: SupervisedChild, how: { failed: boolean; why: string; exitCode: number }) => void
}

/** How a stop went. */
export interface ChildStop {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** How many of its tree had to be killed. */
  readonly killed: number
  readonly durationMs: number
}

/** Outside a shutdown nobody sets a limit to `stop()`: that of systemd would be 90 s, of s6 none. */
const STOP_MS = 10_000

/** What a child that ended by itself left behind gets to clean up before the next one may start. */
const LEFTOVERS_MS = 5_000

/** A child's life: starting, ready, perhaps again, stopping, gone. */
export class SupervisedChild implements AsyncIterable<ChildEvent> {
  readonly plan: ChildPlan
  /** Resolves when it is ready for the first time; rejects when it ends for good before that. */
  readonly ready: Promise<void>
  /** Resolves when it has ended for good, its tree too. */
  readonly over: Promise<void>
  restarts = 0
  readonly #host: ChildHost
  readonly #events = new ChildEvents()
  #state: ChildState = 'starting'
  #run: ChildRun | undefined
  #lastEnd: ChildEnd | undefined
  #result: StopResult | undefined
  #pid: number | undefined
  #spawnError: Error | undefined
  #stoppingSince: number | undefined
  /** Why the present run is to end; a stop is for good. */
  #wanted: 'stop' | 'restart' | undefined
  #limitMs: number | undefined
  #wake = (): void => {}
  #kill = new AbortController()
  #settleReady: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(plan: ChildPlan, host: ChildHost) {
    this.plan = plan
    this.#host = host
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    // Who does not await it is told by the report.
    this.ready.catch(() => {})
    this.over = this.#live()
  }

  get name(): string {
    return this.plan.name
  }

  get state(): ChildState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#run?.process.pid
  }

  get stdin(): Writable | null {
    return this.#run?.process.stdin ?? null
  }

  /** Every tree of it that may live. */
  get run(): ChildRun | undefined {
    return this.#run
  }

  on(type: string, listener: (event: never) => void): () => void {
    return this.#events.on(type, listener)
  }

  [Symbol.asyncIterator](): AsyncIterator<ChildEvent> {
    return this.#events[Symbol.asyncIterator]()
  }

  send(message: unknown): boolean {
    return this.#run?.process.connected === true && this.#run.process.send(message as never)
  }

  async stop(): Promise<ChildStop> {
    this.#want('stop', this.plan.stopTimeoutMs ?? STOP_MS)
    await this.over
    return this.#stopped()
  }

  async restart(): Promise<void> {
    if (this.#isOver || this.#isStopped()) {
      throw new LastcallError(
        'ERR_LASTCALL_STOPPING',
        `child "${this.name}" has ended or is being stopped. Call supervise again.`,
      )
    }
    const restarts = this.restarts
    this.#want('restart', this.plan.stopTimeoutMs ?? STOP_MS)
    for await (const event of this.#events) {
      if (event.type === 'state' && event.state === 'ready' && this.restarts > restarts) return
    }
    throw new LastcallError('ERR_LASTCALL_STOPPING', `child "${this.name}" ended for good before it was ready again.`)
  }

  async kill(): Promise<void> {
    const run = this.#run
    if (!run) return
    await run.stop('SIGKILL', 0, AbortSignal.abort())
  }

  /** The child's hook in the phase `children`. */
  async stopInShutdown(context: HookContext): Promise<void> {
    context.signal.addEventListener('abort', () => this.#kill.abort(), { once: true })
    const left = context.remainingMs()
    this.#want('stop', Math.min(this.plan.stopTimeoutMs ?? left, left))
    await this.over
  }

  /** Nothing for one that never ran. */
  findings(startedAt: number): Findings {
    if (this.#pid === undefined) return {}
    const about = { name: this.name, pid: this.#pid, end: this.#lastEnd }
    const findings = childFindings(about, this.#result, (this.#stoppingSince ?? startedAt) - startedAt)
    if (this.#state !== 'failed') return findings
    return { ...findings, faults: [`${this.name} is out of restarts`, ...(findings.faults ?? [])] }
  }

  get #isOver(): boolean {
    return this.#state === 'gone' || this.#state === 'failed'
  }

  #isStopped(): boolean {
    return this.#wanted === 'stop'
  }

  #want(what: 'stop' | 'restart', limitMs: number): void {
    if (this.#isOver || this.#wanted === 'stop') return
    this.#wanted = what
    this.#limitMs = limitMs
    this.#wake()
  }

  #wantsEnd(): Promise<'wanted'> {
    if (this.#wanted) return Promise.resolve('wanted')
    return new Promise((resolve) => {
      this.#wake = () => resolve('wanted')
    })
  }

  #become(state: ChildState): void {
    this.#state = state
    this.#events.emit({ type: 'state', state })
  }

  async #live(): Promise<void> {
    let memory = NO_RESTARTS
    // The caller gets its handle before anything happens.
    await Promise.resolve()
    for (;;) {
      if (this.#state !== 'starting') this.#become('starting')
      const missing = await this.#othersReady()
      if (this.#isStopped()) return this.#finish('gone', 'it was stopped')
      if (missing) return this.#finish('failed', missing)
      const failed = await this.#runOnce()
      if (this.#isStopped()) return this.#finish('gone', 'it was stopped')
      const next = this.#wanted === 'restart' ? undefined : this.#decide(failed, memory)
      if (next?.action === 'end') return this.#finish('gone', this.#endText())
      if (next?.action === 'give up') return this.#finish('failed', next.why)
      if (next) {
        memory = next.memory
        this.#become('waiting')
        await this.#pause(next.afterMs)
        if (this.#isStopped()) return this.#finish('gone', 'it was stopped')
      }
      this.#wanted = undefined
      this.restarts++
    }
  }

  #decide(failed: boolean, memory: RestartMemory): ReturnType<typeof afterEnd> {
    const { now } = this.#host
    const ranMs = now() - (this.#run?.startedAt ?? now())
    return afterEnd(this.plan.restart, { failed, ranMs }, memory, now(), Math.random())
  }

  /** Waits for those that this one starts after; says which of them will never be ready. */
  async #othersReady(): Promise<string | undefined> {
    for (const other of this.#host.before) {
      const outcome = await Promise.race([
        other.ready.then(
          () => 'ready' as const,
          () => 'never' as const,
        ),
        this.#wantsEnd(),
      ])
      if (outcome === 'never') return `it starts after ${other.name}, which was never ready`
      if (outcome === 'wanted') return undefined
    }
    return undefined
  }

  /** One life: until its whole tree has gone. True where it failed. */
  async #runOnce(): Promise<boolean> {
    this.#kill = new AbortController()
    this.#result = undefined
    const { now, heritage } = this.#host
    const run = await ChildRun.start(this.plan, heritage(this.plan), now, (message) =>
      this.#events.emit({ type: 'message', message }),
    )
    if (run instanceof Error) {
      this.#spawnError = run
      this.#lastEnd = { code: 127, signal: null }
      return true
    }
    this.#run = run
    this.#pid = run.process.pid
    this.#host.started(run)
    const began = await run.begins(this.plan, this.#wantsEnd())
    if (began === 'ready') {
      this.#become('ready')
      this.#settleReady?.resolve()
      await Promise.race([run.end, this.#wantsEnd()])
    }
    const isOurs = run.ended === undefined
    await this.#stopRun(run, isOurs)
    this.#lastEnd = run.ended ?? { code: null, signal: 'SIGKILL' }
    this.#events.emit({ type: 'exit', ...this.#lastEnd })
    this.#host.over(run)
    return began === 'late' || (!isOurs && this.#lastEnd.code !== 0)
  }

  /** The stop signal to a tree that runs; what a child that ended by itself left behind is ended likewise. */
  async #stopRun(run: ChildRun, isOurs: boolean): Promise<void> {
    if (isOurs) this.#become('stopping')
    this.#stoppingSince = this.#host.now()
    const limitMs = isOurs
      ? (this.#limitMs ?? this.plan.stopTimeoutMs ?? STOP_MS)
      : Math.min(this.plan.stopTimeoutMs ?? LEFTOVERS_MS, LEFTOVERS_MS)
    if (isOurs) this.#host.announce(run, limitMs)
    this.#result = await run.stop(this.plan.stopSignal, limitMs, this.#kill.signal)
  }

  async #pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      new Promise((resolve) => {
        timer = setTimeout(resolve, ms)
      }),
      this.#wantsEnd(),
    ])
    clearTimeout(timer)
  }

  #endText(): string {
    const { code, signal } = this.#lastEnd ?? {}
    return signal ? `it was ended by ${signal}` : `it ended with code ${code}`
  }

  #stopped(): ChildStop {
    const { code = null, signal = null } = this.#lastEnd ?? {}
    return { code, signal, killed: this.#result?.killed ?? 0, durationMs: Math.round(this.#result?.durationMs ?? 0) }
  }

  #finish(state: 'gone' | 'failed', why: string): void {
    const detail = this.#spawnError ? `${why} (${this.#spawnError.message})` : why
    this.#run = undefined
    this.#become(state)
    this.#events.end()
    this.#settleReady?.reject(
      new LastcallError('ERR_LASTCALL_CHILD', `child "${this.name}" was never ready: ${detail}.`),
    )
    if (this.#wanted === 'stop') return
    this.#host.ended(this, {
      failed: state === 'failed',
      why: detail,
      exitCode: this.#lastEnd ? exitCodeOf(this.#lastEnd) : 1,
    })
  }
}
