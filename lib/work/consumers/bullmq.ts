import { call, can, ignoreErrors, inside, isThing, member, type Thing } from '../../hooks/resources/thing.ts'
import type { ConsumerShape, Intake } from './intake.ts'

/** A job whose processor runs. */
interface Running {
  readonly job: Thing
  readonly token: unknown
  /** Whether it went back to the queue; set when we try. */
  handing?: Promise<boolean>
  /** Ends the processor's promise for the worker, whatever the processor itself still does. */
  readonly giveUp: () => void
}

/** BullMQ knows an error by this name as one after which the job is somebody else's: it is neither failed nor finished. */
const GIVEN_BACK = 'DelayedError'

class BullWorker implements Intake {
  readonly #worker: Thing & { processFn?: unknown }
  readonly #process: unknown
  readonly #running = new Set<Running>()
  /** Ids of jobs that are done since the stop, until that is written down. */
  readonly #unwritten = new Set<unknown>()
  #stopping = false
  #finished = 0
  #handedBack = 0

  constructor(worker: Thing) {
    this.#worker = worker
    this.#process = member(worker, 'processFn')
    call(worker, 'on', 'completed', this.#onEnd)
    call(worker, 'on', 'failed', this.#onEnd)
    // Not there where the app fetches its jobs itself.
    if (typeof this.#process === 'function') {
      this.#worker.processFn = (...args: unknown[]) => this.#run(this.#process as Processor, args)
    }
  }

  isReady(): boolean {
    // Where the app fetches its jobs itself it never runs.
    return (
      typeof this.#process !== 'function' || !can(this.#worker, 'isRunning') || call(this.#worker, 'isRunning') === true
    )
  }

  stop(): unknown {
    this.#stopping = true
    return call(this.#worker, 'close')
  }

  async force(goneInMs: number): Promise<void> {
    // What comes now, of a lost lock or a closed connection, is nobody's news, and unheard it would end the process.
    ignoreErrors(this.#worker)
    // A job that waits for its lock to run out counts as stalled, and at the second time fails for good. Delayed until we
    // are gone, it cannot run twice at a time either.
    const until = Date.now() + Math.min(goneInMs, LONGEST_DELAY_MS)
    const all = [...this.#running].map(async (running) => {
      running.handing = moved(() => call(running.job, 'moveToDelayed', until, running.token))
      if (!(await running.handing)) return false
      running.giveUp()
      if (can(this.#worker, 'cancelJob')) call(this.#worker, 'cancelJob', member(running.job, 'id'), 'shutting down')
      return true
    })
    if ((await Promise.all(all)).every(Boolean)) this.#killSandboxes()
    // Nothing runs any more, so that the close from the first moment comes to its end.
    await call(this.#worker, 'close')
  }

  counts() {
    const lost = [...this.#running].filter(isLost).length + this.#unwritten.size
    return { finished: this.#finished, handedBack: this.#handedBack + lost }
  }

  release(): void {
    if (typeof this.#process === 'function') this.#worker.processFn = this.#process
    call(this.#worker, 'off', 'completed', this.#onEnd)
    call(this.#worker, 'off', 'failed', this.#onEnd)
  }

  readonly #onEnd = (job: unknown): void => {
    this.#unwritten.delete(inside(job, 'id'))
    if (this.#stopping) this.#finished++
  }

  /**
   * Processes in which a processor runs that was given as a file: they would outlive us, beside the job's successor. Nobody
   * tells which job is in which, so that all are left where one did not go back.
   */
  #killSandboxes(): void {
    for (const child of Object.values(Object(inside(this.#worker, 'childPool', 'retained')))) {
      if (isThing(child) && can(child, 'killProcess')) call(child, 'killProcess', 'SIGKILL')
    }
  }

  async #run(processor: Processor, args: unknown[]): Promise<unknown> {
    const [job, token] = args as [Thing, unknown]
    // The answer to a fetch was on its way when the worker was told to stop.
    if (this.#stopping && (await backToQueue(job, token))) throw givenBack()
    let giveUp = (): void => {}
    const givenUp = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined)
    })
    const running: Running = { job, token, giveUp }
    this.#running.add(running)
    const ended = (async () => Reflect.apply(processor, this.#worker, args))().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    const end = await Promise.race([ended, givenUp])
    const wentBack = running.handing !== undefined && (await running.handing)
    this.#running.delete(running)
    if (wentBack) this.#handedBack++
    if (wentBack || !end) throw givenBack()
    if ('error' in end) throw end.error
    if (this.#stopping) this.#unwritten.add(inside(job, 'id'))
    return end.value
  }
}

type Processor = (...args: unknown[]) => unknown

/** Redis takes no endless one. */
const LONGEST_DELAY_MS = 24 * 60 * 60 * 1_000

/** Still running when its time was over, and not handed back: its lock runs out, and another worker takes it. */
function isLost({ handing }: Running): boolean {
  return handing !== undefined
}

/** To where it was taken from, at once: nothing of it has run. Older versions know only the detour. */
function backToQueue(job: Thing, token: unknown): Promise<boolean> {
  return moved(() =>
    can(job, 'moveToWait') ? call(job, 'moveToWait', token) : call(job, 'moveToDelayed', Date.now(), token),
  )
}

async function moved(move: () => unknown): Promise<boolean> {
  try {
    await move()
    return true
  } catch {
    return false
  }
}

function givenBack(): Error {
  const error = new Error('the worker stops, and the job goes back to its queue')
  error.name = GIVEN_BACK
  return error
}

export const BULLMQ: ConsumerShape = {
  what: 'BullMQ Worker',
  kind: 'bullmq',
  how: 'worker.close()',
  forced: '`job.moveToDelayed()`, until this process has ended',
  fate: 'runs again when the process has ended; no attempt and no stall is counted',
  looksLike: (worker) => can(worker, 'run', 'close', 'pause', 'resume', 'getNextJob', 'startStalledCheckTimer'),
  intake: (worker) => new BullWorker(worker),
}
