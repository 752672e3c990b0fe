import { debugLog } from '../debug-log.ts'
import { LastcallError } from '../errors.ts'
import { checkHookOptions, checkName, type Hook, type HookContext, type HookOptions } from '../hooks/hook.ts'
import type { Thing } from '../hooks/resources/thing.ts'
import type { ConsumerReport } from '../hooks/traffic-report.ts'
import { show } from '../options.ts'
import type { ConsumerShape, Intake } from './consumers/intake.ts'
import { consumerShapeOf } from './consumers/known.ts'

const debug = debugLog('consumer')

/** The options of `consumer`; none has to be given. A consumer's phase is always `drain`. */
export type ConsumerOptions = Omit<HookOptions, 'phase'>

export interface ConsumersSetup {
  /** Adds a hook; returns what takes it off. */
  readonly add: (hook: Hook) => () => void
  /** The shutdown's first moment. */
  readonly stopping: AbortSignal
  /** Aborts the cutoff, so that a job may unwind in the moments that are left. */
  readonly cut: () => void
  /** In how many milliseconds this process has ended at the latest. */
  readonly goneInMs: () => number
}

/** The consumers of a shutdown: each stops taking at the first moment, and is a hook in drain. */
export class Consumers {
  readonly #setup: ConsumersSetup
  readonly #offs = new WeakMap<object, () => void>()
  readonly #consumers = new Map<string, Consumer>()

  constructor(setup: ConsumersSetup) {
    this.#setup = setup
  }

  /** The same thing again changes nothing. Returns what takes it off. */
  add(name: unknown, thing: unknown, options: ConsumerOptions = {}): () => void {
    checkName('consumer', name)
    const { after, timeoutMs } = checkHookOptions('consumer', name, options, ['after', 'timeoutMs'])
    const shape = consumerShapeOf(name, thing)
    const known = this.#offs.get(thing as object)
    if (known) return known
    const { stopping } = this.#setup
    // A limit of its own is no news for others: to whom the cutoff is said, drain's time is over.
    const cut = timeoutMs === undefined ? this.#setup.cut : () => {}
    // It watches from now on, so that it can count and hand back what runs already when it is told to stop.
    const intake = watch(name, shape, thing as Thing)
    const consumer = new Consumer(name, shape, intake, { ...this.#setup, cut })
    const off = this.#add(consumer, {
      ...{ name, phase: 'drain', after, timeoutMs, how: shape.how, ...(intake.force && { evenForced: true }) },
      run: (context) => consumer.drain(context),
      findings: () => ({ consumers: [consumer.report()] }),
    })
    const stop = (): void => void consumer.stop()
    if (stopping.aborted) stop()
    else stopping.addEventListener('abort', stop, { once: true })
    this.#consumers.set(name, consumer)
    const takeOff = (): void => {
      if (!this.#offs.delete(thing as object)) return
      this.#consumers.delete(name)
      stopping.removeEventListener('abort', stop)
      consumer.release()
      off()
    }
    this.#offs.set(thing as object, takeOff)
    return takeOff
  }

  #add(consumer: Consumer, hook: Hook): () => void {
    try {
      return this.#setup.add(hook)
    } catch (error) {
      consumer.release()
      throw error
    }
  }

  /** Names of those that say that they cannot fetch work now. */
  notReady(): string[] {
    return [...this.#consumers].filter(([, consumer]) => !consumer.isReady()).map(([name]) => name)
  }
}

class Consumer {
  readonly #name: string
  readonly #shape: ConsumerShape
  readonly #intake: Intake
  readonly #setup: ConsumersSetup
  #stopped: Promise<unknown> | undefined
  #forcing: Promise<void> | undefined

  constructor(name: string, shape: ConsumerShape, intake: Intake, setup: ConsumersSetup) {
    this.#name = name
    this.#shape = shape
    this.#intake = intake
    this.#setup = setup
  }

  /** Any number of calls is one stop. Never throws: what goes wrong is the hook's failure. */
  stop(): Promise<unknown> {
    if (this.#stopped) return this.#stopped
    debug('"%s" takes no more: %s', this.#name, this.#shape.how)
    // Not `async`: the call itself must be over when the first moment is.
    this.#stopped = new Promise((resolve) => resolve(this.#intake.stop()))
    // Drain awaits it; until then a failure is nobody's, and must not end the process.
    this.#stopped.catch(() => {})
    return this.#stopped
  }

  async drain({ signal }: HookContext): Promise<void> {
    const atLimit = new Promise<void>((resolve, reject) => {
      // In the abort event itself: the process may exit before the next turn of the loop.
      const force = (): void => {
        if (this.#forcing) this.#setup.cut()
        else this.#forcing = this.#force(this.#setup.cut)
        this.#forcing.then(resolve, reject)
      }
      signal.addEventListener('abort', force, { once: true })
    })
    try {
      await Promise.race([this.stop(), atLimit])
    } catch (error) {
      // Nobody will say when its jobs have ended: what runs goes back now. The cutoff is others', too.
      if (this.#intake.force) this.#forcing ??= this.#force(() => {})
      await Promise.allSettled([this.#forcing])
      throw error
    }
    // To force may end the stop, while jobs are still on their way back.
    await this.#forcing
  }

  /** One that cannot even tell is not. */
  isReady(): boolean {
    try {
      return this.#intake.isReady?.() ?? true
    } catch {
      return false
    }
  }

  release(): void {
    if (!this.#stopped) this.#intake.release?.()
  }

  report(): ConsumerReport {
    return { name: this.#name, kind: this.#shape.kind, ...this.#intake.counts(), forced: this.#forcing !== undefined }
  }

  /** Where the library cannot be forced, the wait goes on for the moments that are left: a job may end with the cutoff. */
  async #force(cut: () => void): Promise<void> {
    debug('"%s" is at its limit: %s', this.#name, this.#shape.forced ?? 'nothing can be called')
    const forced = this.#intake.force?.(this.#setup.goneInMs())
    cut()
    await (this.#intake.force ? forced : this.stop())
  }
}

/** @throws {LastcallError} ERR_LASTCALL_CONSUMER where it is not what it looks like */
function watch(name: string, shape: ConsumerShape, thing: Thing): Intake {
  try {
    return shape.intake(thing)
  } catch (error) {
    throw new LastcallError(
      'ERR_LASTCALL_CONSUMER',
      `consumer ${show(name)} looks like ${shape.what}, and cannot be watched: ${String(error)}. ` +
        `Give the thing itself, not frozen, or write { stop: async () => { … }, force: async () => { … } }.`,
    )
  }
}
