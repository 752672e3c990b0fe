import type { Findings } from '../../hooks/findings.ts'
import { can, ignoreErrors, member, type Thing } from '../../hooks/resources/thing.ts'
import { sleep } from '../../real-time.ts'
import type { ChildEnd } from '../life/child-end.ts'
import type { Keeper, StopOrder } from './keeper.ts'

/** Neither pool tells how many tasks run: those handed in since the adoption are counted, the queue is asked for. */
const LOOK_MS = 20

/** How long a forced end may take until it is left alone. */
const FORCE_MS = 1_000

/** What ends a pool; what disposes of one calls them, too. */
const ENDS = ['destroy', 'close'] as const

type Method = (...args: unknown[]) => unknown

/** A piscina or tinypool pool: its tasks end first, then its threads. */
export class AdoptedPool implements Keeper {
  readonly over: Promise<ChildEnd>
  /** Neither package tells that a pool was ended: one that ends from now on is seen. */
  readonly wasOver = false
  /** Threads are no processes: a task that is lost is what counts. */
  readonly killed = 0
  readonly #pool: Thing
  /** Its own methods, from before we put ours in front. */
  readonly #methods = new Map<string, Method>()
  readonly #unwraps: (() => void)[] = []
  readonly #running = new Set<object>()
  #finished = 0
  #undone = 0
  /** What is handed in from then on is refused by the pool, and not counted. */
  #isEnding = false
  #isOver = false
  #resolve = (_: ChildEnd): void => {}

  constructor(pool: Thing) {
    this.#pool = pool
    this.over = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#wrap('run', (run) => (this.#isEnding ? run() : this.#count(run())))
    for (const end of ENDS) if (can(pool, end)) this.#wrap(end, (method) => this.#endedByApp(end, method))
  }

  async stop({ limitMs, kill }: StopOrder): Promise<void> {
    if (this.#isOver) return
    const limit = AbortSignal.any([kill, AbortSignal.timeout(Math.ceil(limitMs))])
    // Somebody who queues in the middle of it is waited for, too.
    while (this.#open > 0 && !limit.aborted) await sleep(LOOK_MS, undefined, { signal: limit }).catch(() => {})
    const graceful = this.#open === 0
    this.#loseTasks()
    ignoreErrors(this.#pool)
    const closes = graceful && this.#methods.has('close')
    const ended = this.#call(closes ? 'close' : 'destroy')
    await (graceful ? Promise.race([ended, aborted(limit)]) : Promise.race([ended, sleep(FORCE_MS)]))
    if (closes && limit.aborted) await Promise.race([this.#call('destroy'), sleep(FORCE_MS)])
    this.#finish()
  }

  findings(): Findings {
    return { tracked: { finished: this.#finished, undone: this.#undone } }
  }

  get #open(): number {
    return Math.max(this.#running.size, Number(member(this.#pool, 'queueSize')))
  }

  /**
   * To count a promise's end is to handle its failure: so whoever gave the task gets the promise that counts, and that
   * one is as unhandled as they leave it.
   */
  async #count(task: unknown): Promise<unknown> {
    const job = {}
    this.#running.add(job)
    try {
      return await task
    } finally {
      if (this.#running.delete(job)) this.#finished++
    }
  }

  /** Whatever is open is ended with the pool, not by itself. */
  #loseTasks(): void {
    this.#isEnding = true
    this.#undone += this.#open
    this.#running.clear()
  }

  async #endedByApp(end: (typeof ENDS)[number], method: () => unknown): Promise<void> {
    if (end === 'destroy') this.#loseTasks()
    await method()
    if (end === 'close') this.#loseTasks()
    this.#finish()
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const unwrap of this.#unwraps) unwrap()
    this.#resolve({ code: 0, signal: null })
  }

  #wrap(name: string, around: (method: () => unknown) => unknown): void {
    const method = member(this.#pool, name) as Method
    this.#methods.set(name, method)
    const value = (...args: unknown[]): unknown => around(() => Reflect.apply(method, this.#pool, args))
    const before = Object.getOwnPropertyDescriptor(this.#pool, name)
    Object.defineProperty(this.#pool, name, { configurable: true, writable: true, value })
    this.#unwraps.push(() => {
      if (this.#pool[name] !== value) return
      if (before) Object.defineProperty(this.#pool, name, before)
      else Reflect.deleteProperty(this.#pool, name)
    })
  }

  async #call(name: (typeof ENDS)[number]): Promise<void> {
    await Promise.resolve(this.#methods.get(name)?.call(this.#pool)).catch(() => {})
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
