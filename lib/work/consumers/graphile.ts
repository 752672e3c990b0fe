import { call, can, has, inside, isThing, type Thing } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

class GraphileRunner implements Intake {
  readonly #runner: Thing
  readonly #events: Thing
  /** Who works on what, by worker. */
  readonly #running = new Map<unknown, unknown>()
  #pool: unknown
  #stopping = false
  #finished = 0
  #handedBack = 0

  constructor(runner: Thing) {
    this.#runner = runner
    this.#events = runner.events as Thing
    for (const [event, listener] of this.#listeners) call(this.#events, 'on', event, listener)
  }

  stop(): unknown {
    this.#stopping = true
    return call(this.#runner, 'stop')
  }

  async force(): Promise<void> {
    const pool = this.#pool
    this.#handedBack = this.#running.size
    this.#running.clear()
    if (isThing(pool) && can(pool, 'forcefulShutdown')) await call(pool, 'forcefulShutdown', 'the process stops')
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
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
        if (this.#running.delete(inside(event, 'worker')) && this.#stopping) this.#finished++
      },
    ],
    ['worker:fatalError', (event) => void this.#running.delete(inside(event, 'worker'))],
    // Nothing else leads from a runner to its pool, which alone can be forced.
    [
      'pool:gracefulShutdown',
      (event) => {
        this.#pool = inside(event, 'workerPool')
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
