import { monotonicNow } from '../../clock/deadline.ts'
import { call, can, inside, isThing, type Thing } from '../../hooks/resources/thing.ts'
import { sleep, turn } from '../../real-time.ts'
import { type ConsumerShape, type Intake, lastMoments } from './intake.ts'

/** The jobs that one handler was called with. */
interface Batch {
  readonly queue: string
  readonly ids: readonly unknown[]
  /** How its handler ended after the stop; absent while it runs, and where it was never called. */
  end?: 'finished' | 'handed back'
  endedAt?: number
  /** Whether the database shows that end; false where it could not be asked. */
  isWritten?: boolean
}

type Handler = (jobs: unknown, ...rest: unknown[]) => unknown

/** Queries for jobs, as pg-boss sends them to its database, and which of them are under way. */
class Fetches {
  readonly #open = new Set<Promise<unknown>>()
  readonly release: () => void

  constructor(boss: Thing, queues: ReadonlySet<unknown>) {
    const db = can(boss, 'getDb') ? call(boss, 'getDb') : undefined
    if (!isThing(db) || !can(db, 'executeSql')) {
      this.release = () => {}
      return
    }
    const own = Object.getOwnPropertyDescriptor(db, 'executeSql')
    const execute = db.executeSql as (...query: unknown[]) => Promise<unknown>
    const executeSql = (text: unknown, values: unknown, ...rest: unknown[]): Promise<unknown> => {
      const result = Reflect.apply(execute, db, [text, values, ...rest])
      const isFetch =
        String(text).includes('SKIP LOCKED') && Array.isArray(values) && values.some((one) => queues.has(one))
      if (isFetch) this.#add(result)
      return result
    }
    Object.defineProperty(db, 'executeSql', { value: executeSql, configurable: true, writable: true })
    this.release = () => {
      if (own) Object.defineProperty(db, 'executeSql', own)
      else Reflect.deleteProperty(db, 'executeSql')
    }
  }

  #add(result: Promise<unknown>): void {
    const over = (): void => void this.#open.delete(result)
    this.#open.add(result)
    Promise.resolve(result).then(over, over)
  }

  /** Resolves when none is under way, and the handlers of what came were called. */
  async over(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open)
    await turn()
  }
}

/** How often a job is asked for that its handler has ended, and that the database still shows as running. */
const ASK_AGAIN_MS = 20
/** So many looks are taken whether the batches have ended that ran at the limit. */
const LOOKS = 4
/** So long that is asked at the limit. */
const WRITTEN_AT_MOST_MS = 200
/** What has ended so short a time ago is being written. */
const WRITING_MS = 100

class PgBoss implements Intake {
  readonly #boss: Thing & { work?: unknown }
  readonly #work: Handler
  readonly #queues = new Set<string>()
  readonly #running = new Set<Batch>()
  /** Ended since the stop; pg-boss itself does not wait until that is written down. */
  readonly #ended: Batch[] = []
  #stopping = false
  #isAtLimit = false
  #forced = false
  #handedBack = 0
  readonly #fetches: Fetches
  #empty = (): void => {}

  constructor(boss: Thing) {
    this.#boss = boss
    this.#work = boss.work as Handler
    this.#fetches = new Fetches(boss, this.#queues)
    this.#boss.work = (queue: unknown, ...args: unknown[]) => this.#watch(queue as string, args)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    // Without an await between them: the last one is told in the same moment as the first.
    const told = [...this.#queues].map(async (queue) => call(this.#boss, 'offWork', queue))
    await Promise.allSettled(told)
    // What they bring runs nowhere, and a pool that is closed before would leave it as running.
    await this.#fetches.over()
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    for (const batch of this.#ended) await this.#written(batch, () => !this.#isAtLimit)
  }

  async force(): Promise<void> {
    this.#isAtLimit = true
    // Whoever is on its last line would be done again, and whoever listens to the cutoff, which comes now, gives itself back.
    await lastMoments(this.#running, LOOKS)
    this.#forced = true
    const left = [...this.#running]
    for (const { ids } of left) this.#handedBack += ids.length
    const reason = { message: 'the process stops' }
    await Promise.allSettled(left.map(async ({ queue, ids }) => call(this.#boss, 'fail', queue, ids, reason)))
    const endAt = monotonicNow() + WRITTEN_AT_MOST_MS
    await Promise.allSettled(this.#ended.map((batch) => this.#written(batch, () => monotonicNow() < endAt)))
  }

  counts() {
    const count = (end: Batch['end']): number => {
      const isIt = (batch: Batch): boolean => (this.#isLost(batch) ? 'handed back' : batch.end) === end
      return this.#ended.filter(isIt).reduce((sum, { ids }) => sum + ids.length, 0)
    }
    // Told at a limit that is over before their moments are.
    const running = this.#isAtLimit && !this.#forced ? [...this.#running] : []
    const unended = running.reduce((sum, { ids }) => sum + ids.length, this.#handedBack)
    return { finished: count('finished'), handedBack: unended + count('handed back') }
  }

  /** Done, and not written down when the time is over, nor on its way: somebody will do it again. */
  #isLost({ end, endedAt = 0, isWritten }: Batch): boolean {
    if (!this.#isAtLimit || end !== 'finished' || isWritten) return false
    return isWritten === false || monotonicNow() - endedAt > WRITING_MS
  }

  release(): void {
    this.#boss.work = this.#work
    this.#fetches.release()
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
      // Not before: another fetch would get it, and each costs one of its retries.
      await this.#fetches.over()
      throw new Error('the process stops: the job goes back to its queue')
    }
    this.#running.add(batch)
    const ended = (async () => handle())()
    const [{ status }] = await Promise.allSettled([ended])
    this.#running.delete(batch)
    // Somebody else may be at work on it already: whatever pg-boss now wrote down would be about that one.
    if (this.#forced) return new Promise(() => {})
    if (this.#stopping) {
      batch.endedAt = monotonicNow()
      batch.end = this.#isAtLimit && status === 'rejected' ? 'handed back' : 'finished'
      this.#ended.push(batch)
    }
    if (this.#running.size === 0) this.#empty()
    return ended
  }

  /** A pool that is closed too early would leave a finished job as running, until it expires and runs again. */
  async #written(batch: Batch, mayAsk: () => boolean): Promise<void> {
    try {
      for (const id of can(this.#boss, 'getJobById') ? batch.ids : []) {
        while (inside(await call(this.#boss, 'getJobById', batch.queue, id), 'state') === 'active') {
          if (!mayAsk()) return
          await sleep(ASK_AGAIN_MS)
        }
      }
      batch.isWritten = true
    } catch (error) {
      batch.isWritten = false
      throw error
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
