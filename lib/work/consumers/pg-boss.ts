import { call, can, inside, type Thing } from '../../hooks/resources/thing.ts'
import { sleep } from '../../real-time.ts'
import type { ConsumerShape, Intake } from './intake.ts'

/** The jobs that one handler was called with. */
interface Batch {
  readonly queue: string
  readonly ids: readonly unknown[]
}

type Handler = (jobs: unknown, ...rest: unknown[]) => unknown

/** How often a job is asked for that its handler has ended, and that the database still shows as running. */
const ASK_AGAIN_MS = 20

class PgBoss implements Intake {
  readonly #boss: Thing & { work?: unknown }
  readonly #work: Handler
  readonly #queues = new Set<string>()
  readonly #running = new Set<Batch>()
  /** Ended since the stop; pg-boss itself does not wait until that is written down. */
  readonly #ended: Batch[] = []
  #stopping = false
  #forced = false
  #finished = 0
  #handedBack = 0
  #empty = (): void => {}

  constructor(boss: Thing) {
    this.#boss = boss
    this.#work = boss.work as Handler
    this.#boss.work = (queue: unknown, ...args: unknown[]) => this.#watch(queue as string, args)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    // Without an await between them: the last one is told in the same moment as the first.
    const told = [...this.#queues].map(async (queue) => call(this.#boss, 'offWork', queue))
    await Promise.allSettled(told)
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    for (const batch of this.#ended) await this.#written(batch)
  }

  async force(): Promise<void> {
    this.#forced = true
    const left = [...this.#running]
    this.#handedBack = left.reduce((sum, { ids }) => sum + ids.length, 0)
    const reason = { message: 'the process stops' }
    await Promise.allSettled(left.map(async ({ queue, ids }) => call(this.#boss, 'fail', queue, ids, reason)))
  }

  counts() {
    return { finished: this.#finished, handedBack: this.#handedBack }
  }

  release(): void {
    this.#boss.work = this.#work
  }

  #watch(queue: string, args: unknown[]): unknown {
    this.#queues.add(queue)
    const handler = args.at(-1)
    if (typeof handler !== 'function') return Reflect.apply(this.#work, this.#boss, [queue, ...args])
    const watched: Handler = (jobs, ...rest) => this.#run(queue, jobs, () => (handler as Handler)(jobs, ...rest))
    return Reflect.apply(this.#work, this.#boss, [queue, ...args.slice(0, -1), watched])
  }

  async #run(queue: string, jobs: unknown, handle: () => unknown): Promise<unknown> {
    const batch: Batch = { queue, ids: (Array.isArray(jobs) ? jobs : [jobs]).map((job) => inside(job, 'id')) }
    // Their fetch was under way when the workers were told to stop: a batch that fails is tried again.
    if (this.#stopping) {
      this.#ended.push(batch)
      throw new Error('the process stops: the job goes back to its queue')
    }
    this.#running.add(batch)
    const ended = (async () => handle())()
    await Promise.allSettled([ended])
    this.#running.delete(batch)
    // Somebody else may be at work on it already: whatever pg-boss now wrote down would be about that one.
    if (this.#forced) return new Promise(() => {})
    if (this.#stopping) {
      this.#finished += batch.ids.length
      this.#ended.push(batch)
    }
    if (this.#running.size === 0) this.#empty()
    return ended
  }

  /** A pool that is closed too early would leave a finished job as running, until it expires and runs again. */
  async #written({ queue, ids }: Batch): Promise<void> {
    if (!can(this.#boss, 'getJobById')) return
    for (const id of ids) {
      while (!this.#forced && inside(await call(this.#boss, 'getJobById', queue, id), 'state') === 'active') {
        await sleep(ASK_AGAIN_MS)
      }
    }
  }
}

export const PG_BOSS: ConsumerShape = {
  what: 'pg-boss, before its first `work()`',
  kind: 'pg-boss',
  how: 'boss.offWork()',
  forced: '`boss.fail()`',
  fate: 'runs again: it counts as one of its retries, 2 by default, and without one left it fails for good',
  looksLike: (boss) => can(boss, 'work', 'offWork', 'fetch', 'fail', 'send'),
  intake: (boss) => new PgBoss(boss),
}
