import type { Writable } from 'node:stream'
import { LastcallError } from '../errors.ts'
import type { Findings } from '../hooks/findings.ts'
import type { HookContext } from '../hooks/hook.ts'
import type { StopResult, Told } from '../process-tree/stop/stop-result.ts'
import { type ChildEvent, ChildEvents, type ChildState } from './child-events.ts'
import type { ChildHost, ChildStop } from './child-host.ts'
import { ChildRecord } from './child-record.ts'
import { ChildWish } from './child-wish.ts'
import { KILLED } from './life/child-end.ts'
import { ChildRun } from './life/child-run.ts'
import type { ChildPlan } from './plan/child-plan.ts'
import { afterEnd, type EndedRun, NO_RESTARTS } from './restart.ts'
import { LEFTOVERS_MS, STOP_MS } from './stop-times.ts'

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
  readonly #record: ChildRecord
  #spawnError: Error | undefined
  /** The end of its tree, once that is under way. */
  #stopping: Promise<StopResult> | undefined
  readonly #wish = new ChildWish()
  #kill = new AbortController()
  #settleReady: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(plan: ChildPlan, host: ChildHost) {
    this.plan = plan
    this.#host = host
    this.#record = new ChildRecord(plan.name)
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
    this.#wish.want('stop', this.plan.stopTimeoutMs ?? STOP_MS)
    await this.over
    return this.#record.asStop
  }

  async restart(): Promise<void> {
    if (this.#isOver || this.#wish.isFor('stop')) {
      throw new LastcallError(
        'ERR_LASTCALL_STOPPING',
        `child "${this.name}" has ended or is being stopped. Call supervise again.`,
      )
    }
    this.#wish.want('restart', this.plan.stopTimeoutMs ?? STOP_MS)
    for await (const event of this.#events) {
      // One that was ready in this very moment still has its restart before it.
      if (event.type === 'state' && event.state === 'ready' && !this.#wish.isFor('restart')) return
    }
    throw new LastcallError('ERR_LASTCALL_STOPPING', `child "${this.name}" ended for good before it was ready again.`)
  }

  async kill(): Promise<void> {
    const run = this.#run
    // A stop that is under way counts whom it kills.
    this.#kill.abort()
    await (this.#stopping ??
      run?.stop({ signal: 'SIGKILL', timeoutMs: 0, kill: AbortSignal.abort(), reading: this.#host.reading }))
  }

  /** The child's hook in the phase `children`. */
  async stopInShutdown(context: HookContext): Promise<void> {
    context.signal.addEventListener('abort', () => this.#kill.abort(), { once: true })
    const left = context.remainingMs()
    this.#wish.want('stop', Math.min(this.plan.stopTimeoutMs ?? left, left))
    await this.over
  }

  findings(startedAt: number): Findings {
    return this.#record.findings(startedAt, this.#kill.signal.aborted)
  }

  get #isOver(): boolean {
    return this.#state === 'gone' || this.#state === 'failed'
  }

  #become(state: ChildState, restartMs?: number): void {
    this.#state = state
    this.#events.emit({ type: 'state', state, ...(restartMs !== undefined && { restartMs }) })
  }

  async #live(): Promise<void> {
    let memory = NO_RESTARTS
    // The caller gets its handle before anything happens.
    await Promise.resolve()
    for (;;) {
      if (this.#state !== 'starting') this.#become('starting')
      const missing = await this.#othersReady()
      if (this.#wish.isFor('stop')) return this.#finish('gone', 'it was stopped')
      if (missing) return this.#finish('failed', missing)
      const ended = await this.#runOnce()
      if (this.#wish.isFor('stop')) return this.#finish('gone', 'it was stopped')
      const next = this.#wish.isFor('restart')
        ? undefined
        : afterEnd(this.plan.restart, ended, memory, this.#host.now(), Math.random())
      if (next?.action === 'end') return this.#finish('gone', this.#record.endText, ended.failed)
      if (next?.action === 'give up') return this.#finish('failed', next.why)
      if (next) {
        memory = next.memory
        this.#become('waiting', next.afterMs)
        await this.#wish.pause(next.afterMs)
        if (this.#wish.isFor('stop')) return this.#finish('gone', 'it was stopped')
      }
      this.#wish.fulfilled()
      this.restarts++
    }
  }

  /** Waits for those that this one starts after; says which of them will never be ready. */
  async #othersReady(): Promise<string | undefined> {
    const others = Promise.all(
      this.#host.before.map((other) => other.ready.then(undefined, () => Promise.reject(other.name))),
    ).then(
      () => 'ready' as const,
      (name) => ({ never: name as string }),
    )
    for (;;) {
      const outcome = await Promise.race([others, this.#wish.comes()])
      if (typeof outcome === 'object') return `it starts after ${outcome.never}, which was never ready`
      if (outcome === 'ready' || this.#wish.isFor('stop')) return undefined
      // A restart of one that has not started: its start is due as it is.
      this.#wish.fulfilled()
    }
  }

  /** One life: until its whole tree has gone. */
  async #runOnce(): Promise<EndedRun> {
    this.#kill = new AbortController()
    this.#spawnError = undefined
    const { now, heritage } = this.#host
    const run = await ChildRun.start(this.plan, heritage(this.plan), (message) =>
      this.#events.emit({ type: 'message', message }),
    )
    if (run instanceof Error) {
      this.#spawnError = run
      const end = { code: 127, signal: null }
      this.#record.begins(undefined)
      this.#record.ended(end, undefined, now())
      this.#events.emit({ type: 'exit', ...end })
      return { failed: true, readyMs: undefined }
    }
    this.#run = run
    this.#record.begins(run.process.pid, run.end)
    this.#host.started(run)
    const began = await run.begins(this.plan, this.#wish.comes())
    let readyAt: number | undefined
    if (began === 'ready') {
      readyAt = now()
      this.#become('ready')
      this.#settleReady?.resolve()
      await Promise.race([run.end, this.#wish.comes()])
    }
    const isOurs = run.ended === undefined
    const readyMs = readyAt === undefined ? undefined : now() - readyAt
    const { stop, leftMs } = await this.#stopRun(run, isOurs)
    const end = run.ended ?? KILLED
    // At once: where the time is over, the report is written while the last lines are still waited for.
    this.#record.ended(end, stop, now())
    await run.lastLines(leftMs)
    this.#events.emit({ type: 'exit', ...end })
    this.#run = undefined
    this.#stopping = undefined
    this.#host.over(run)
    return { failed: began === 'late' || (!isOurs && end.code !== 0), readyMs }
  }

  /** The stop signal to a tree that runs; what a child that ended by itself left behind is ended likewise. */
  async #stopRun(run: ChildRun, isOurs: boolean): Promise<{ stop: StopResult; leftMs: number }> {
    if (isOurs) this.#become('stopping')
    this.#record.stops(this.#host.now())
    const timeoutMs = isOurs
      ? (this.#wish.limitMs ?? this.plan.stopTimeoutMs ?? STOP_MS)
      : Math.min(this.plan.stopTimeoutMs ?? LEFTOVERS_MS, LEFTOVERS_MS)
    const { signal: kill } = this.#kill
    const onTold = (one: Told): void => this.#record.told(one)
    this.#stopping = run.stop({ signal: this.plan.stopSignal, timeoutMs, kill, reading: this.#host.reading, onTold })
    const stop = await this.#stopping
    return { stop, leftMs: timeoutMs - stop.durationMs }
  }

  /** `isFailure`: its last run was none that counts as a success, whatever the policy made of it. */
  #finish(state: 'gone' | 'failed', why: string, isFailure = state === 'failed'): void {
    const wasStopped = this.#wish.isFor('stop')
    const detail = this.#spawnError ? `${why} (${this.#spawnError.message})` : why
    const exitCode = this.#record.exitCode || (isFailure ? 1 : 0)
    if (state === 'failed') this.#record.failed(this.#record.end ? 'is out of restarts' : `was not started: ${why}`)
    else if (this.plan.significant && exitCode !== 0 && !wasStopped) this.#record.failed(`ended by itself: ${detail}`)
    // Whoever hears of its end may start another one under its name.
    const told = this.#host.ended(this, wasStopped ? undefined : { failed: state === 'failed', why: detail, exitCode })
    this.#become(state)
    this.#events.end()
    // Who awaits it at the start of the program gets this as an uncaught error, and must not be blamed for the stop.
    const code = wasStopped ? 'ERR_LASTCALL_STOPPING' : 'ERR_LASTCALL_CHILD'
    this.#settleReady?.reject(new LastcallError(code, `child "${this.name}" was never ready: ${detail}.`))
    told()
  }
}
