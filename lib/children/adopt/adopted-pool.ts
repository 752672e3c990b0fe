import { setTimeout as sleep } from 'node:timers/promises'
import type { Findings } from '../../hooks/findings.ts'
import { call, can, ignoreErrors, member, type Thing } from '../../hooks/resources/thing.ts'
import type { ChildEnd } from '../life/child-end.ts'
import type { Keeper, StopOrder } from './keeper.ts'

/** Neither pool tells how many tasks run: those handed in since the adoption are counted, the queue is asked for. */
const LOOK_MS = 20

/** How long a forced end may take until it is left alone. */
const FORCE_MS = 1_000

/** A piscina or tinypool pool: its tasks end first, then its threads. */
export class AdoptedPool implements Keeper {
  readonly over: Promise<ChildEnd>
  readonly #pool: Thing
  readonly #running = new Set<Promise<unknown>>()
  #finished = 0
  #undone = 0
  #finish = (_: ChildEnd): void => {}

  constructor(pool: Thing) {
    this.#pool = pool
    this.over = new Promise((resolve) => {
      this.#finish = resolve
    })
    const run = member(pool, 'run') as (...args: unknown[]) => unknown
    Object.defineProperty(pool, 'run', {
      configurable: true,
      writable: true,
      value: (...args: unknown[]) => {
        const task = Reflect.apply(run, pool, args)
        this.#count(Promise.resolve(task))
        return task
      },
    })
  }

  /** Threads are no processes: a task that is lost is what counts. */
  readonly killed = 0

  async stop({ limitMs, kill }: StopOrder): Promise<void> {
    const limit = AbortSignal.any([kill, AbortSignal.timeout(Math.ceil(limitMs))])
    // Somebody who queues in the middle of it is waited for, too.
    while (this.#open > 0 && !limit.aborted) await sleep(LOOK_MS, undefined, { signal: limit }).catch(() => {})
    this.#undone = this.#open
    ignoreErrors(this.#pool)
    const graceful = this.#undone === 0 && can(this.#pool, 'close')
    const ended = (async () => call(this.#pool, graceful ? 'close' : 'destroy'))().catch(() => {})
    await (this.#undone === 0 ? Promise.race([ended, aborted(limit)]) : Promise.race([ended, sleep(FORCE_MS)]))
    if (graceful && limit.aborted) await Promise.race([call(this.#pool, 'destroy'), sleep(FORCE_MS)])
    this.#finish({ code: 0, signal: null })
  }

  findings(): Findings {
    return { tracked: { finished: this.#finished, undone: this.#undone } }
  }

  get #open(): number {
    return Math.max(this.#running.size, Number(member(this.#pool, 'queueSize')))
  }

  #count(task: Promise<unknown>): void {
    this.#running.add(task)
    const ended = (): void => {
      this.#running.delete(task)
      this.#finished++
    }
    task.then(ended, ended)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
