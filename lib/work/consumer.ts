import { debugLog } from '../debug-log.ts'
import { checkHookOptions, checkName, type Hook, type HookContext, type HookOptions } from '../hooks/hook.ts'
import type { Thing } from '../hooks/resources/thing.ts'
import type { ConsumerReport } from '../hooks/traffic-report.ts'
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
    const consumer = new Consumer(name, shape, thing as Thing, this.#setup)
    const off = this.#setup.add({
      ...{ name, phase: 'drain', after, timeoutMs, how: shape.how },
      run: (context) => consumer.drain(context),
      findings: () => ({ consumers: [consumer.report()] }),
    })
    const stop = (): void => void consumer.stop()
    // It watches from now on, so that it can count and hand back what runs already when it is told to stop.
    consumer.watch()
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

  /** Names of those that say that they cannot fetch work now. */
  notReady(): string[] {
    return [...this.#consumers].filter(([, consumer]) => !consumer.isReady()).map(([name]) => name)
  }
}

class Consumer {
  readonly #name: string
  readonly #shape: ConsumerShape
  readonly #thing: Thing
  readonly #setup: ConsumersSetup
  #intake: Intake | undefined
  #stopped: Promise<unknown> | undefined
  #forcing: Promise<void> | undefined

  constructor(name: string, shape: ConsumerShape, thing: Thing, setup: ConsumersSetup) {
    this.#name = name
    this.#shape = shape
    this.#thing = thing
    this.#setup = setup
  }

  watch(): Intake {
    this.#intake ??= this.#shape.intake(this.#thing)
    return this.#intake
  }

  /** Any number of calls is one stop. Never throws: what goes wrong is the hook's failure. */
  stop(): Promise<unknown> {
    if (this.#stopped) return this.#stopped
    debug('"%s" takes no more: %s', this.#name, this.#shape.how)
    // Not `async`: the call itself must be over when the first moment is.
    this.#stopped = new Promise((resolve) => resolve(this.watch().stop()))
    // Drain awaits it; until then a failure is nobody's, and must not end the process.
    this.#stopped.catch(() => {})
    return this.#stopped
  }

  async drain({ signal }: HookContext): Promise<void> {
    const atLimit = new Promise<void>((resolve, reject) => {
      // In the abort event itself: the process may exit before the next turn of the loop.
      const force = (): void => {
        this.#forcing = this.#force()
        this.#forcing.then(resolve, reject)
      }
      signal.addEventListener('abort', force, { once: true })
    })
    await Promise.race([this.stop(), atLimit])
    // To force may end the stop, while jobs are still on their way back.
    await this.#forcing
  }

  /** One that cannot even tell is not. */
  isReady(): boolean {
    try {
      return this.watch().isReady?.() ?? true
    } catch {
      return false
    }
  }

  release(): void {
    if (!this.#stopped) this.#intake?.release?.()
  }

  report(): ConsumerReport {
    return { name: this.#name, kind: this.#shape.kind, ...this.watch().counts(), forced: this.#forcing !== undefined }
  }

  /** Where the library cannot be forced, the wait goes on for the moments that are left: a job may end with the cutoff. */
  async #force(): Promise<void> {
    debug('"%s" is at its limit: %s', this.#name, this.#shape.forced ?? 'nothing can be called')
    const intake = this.watch()
    const forced = intake.force?.(this.#setup.goneInMs())
    this.#setup.cut()
    await (intake.force ? forced : this.stop())
  }
}
