import { call, can, has, inside, isThing, type Thing } from '../../hooks/resources/thing.ts'
import { type ConsumerShape, type Intake, lastMoments } from './intake.ts'

/** So many looks are taken whether the jobs have ended that ran at the limit. */
const LOOKS = 10

class GraphileRunner implements Intake {
  readonly #runner: Thing
  readonly #events: Thing
  /** Who works on what, by worker. */
  readonly #running = new Map<unknown, unknown>()
  #pool: unknown
  #stopping = false
  #finished = 0
  /** Jobs that ran when the time was over, and whose end has not been written down since. */
  readonly #handedBack = new Set<unknown>()

  constructor(runner: Thing) {
    this.#runner = runner
    this.#events = runner.events as Thing
    for (const [event, listener] of this.#listeners) call(this.#events, 'on', event, listener)
  }

  stop(): unknown {
    this.#stopping = true
    return Promise.resolve(call(this.#runner, 'stop')).catch((error: unknown) => {
      // By the app.
      if (String(error).includes('already stopped')) return inside(this.#runner, 'promise')
      throw error
    })
  }

  async force(): Promise<void> {
    const pool = this.#pool
    for (const job of this.#running.values()) this.#handedBack.add(job)
    if (isThing(pool) && can(pool, 'forcefulShutdown')) await call(pool, 'forcefulShutdown', 'the process stops')
    // Some were on their last line, and some end with the cutoff: only then is it known which of them went back.
    await lastMoments(this.#running, LOOKS)
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack.size }
  }

  release(): void {
    for (const [event, listener] of this.#listeners) call(this.#events, 'off', event, listener)
  }

  readonly #listeners: readonly (readonly [string, (event: unknown) => void])[] = [
    [
      'job:start',
      (event) => {
        // Its fetch was under way when the runner was told to stop. An error here goes the way of a fetch that failed: the
        // job is given back together with those of other workers that could not end.
        if (this.#stopping) throw lateJob()
        this.#running.set(inside(event, 'worker'), inside(event, 'job'))
      },
    ],
    [
      'job:complete',
      (event) => {
        if (!this.#running.delete(inside(event, 'worker')) || !this.#stopping) return
        const job = inside(event, 'job')
        // On its last line when its time was over, it is done: the library takes it out of the queue, given back or not.
        if (!inside(event, 'error')) this.#handedBack.delete(job)
        if (!this.#handedBack.has(job)) this.#finished++
      },
    ],
    [
      'worker:fatalError',
      (event) => {
        // The database would not have its end: the job stays locked, and is done again by somebody.
        const job = this.#running.get(inside(event, 'worker'))
        if (job !== undefined && this.#stopping) this.#handedBack.add(job)
        this.#running.delete(inside(event, 'worker'))
      },
    ],
    // Nothing else leads from a runner to its pool, which alone can be forced.
    [
      'pool:gracefulShutdown',
      (event) => {
        this.#pool = inside(event, 'workerPool') ?? inside(event, 'pool')
      },
    ],
  ]
}

/** The library prints it with a stack, and where it is from does not matter. */
function lateJob(): Error {
  const error = new Error('a job was fetched when the process was told to stop: it goes back to its queue')
  delete error.stack
  return error
}

export const GRAPHILE: ConsumerShape = {
  what: 'graphile-worker Runner',
  kind: 'graphile-worker',
  how: 'runner.stop()',
  forced: '`forcefulShutdown()` of its pool',
  fate: 'runs again 2.7 s later and more: it counts as one of its 25 attempts',
  looksLike: (runner) => can(runner, 'stop', 'addJob') && has(runner, 'promise', 'events'),
  intake: (runner) => new GraphileRunner(runner),
}
