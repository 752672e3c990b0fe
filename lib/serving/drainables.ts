import type { Drainable, DrainContext } from './drainable.ts'
import { drainableOf } from './recognise.ts'

/**
 * One `Drainable` for each server, whoever asks: a WebSocketServer and the http server under it may both be registered,
 * and the http server is drained once.
 */
export class Drainables {
  readonly #known = new Map<object, Drainable>()
  readonly #unwatch = new Map<object, () => void>()
  readonly #watch: (drainable: Drainable) => () => void

  /** `watch` is called with each that is made, and returns what ends that. */
  constructor(watch: (drainable: Drainable) => () => void = () => () => {}) {
    this.#watch = watch
  }

  /** @throws {LastcallError} ERR_LASTCALL_SERVER */
  of(thing: unknown): Drainable {
    const known = this.#known.get(thing as object)
    if (known) return known
    const made = once(drainableOf(thing, this))
    this.#known.set(thing as object, made)
    this.#unwatch.set(thing as object, this.#watch(made))
    return made
  }

  /** Whether somebody drains it. */
  knows(thing: object): boolean {
    return this.#known.has(thing)
  }

  all(): readonly Drainable[] {
    return [...this.#known.values()]
  }

  /** Registered again, it is noticed again. */
  release(thing: object): void {
    this.#unwatch.get(thing)?.()
    this.#unwatch.delete(thing)
    this.#known.get(thing)?.release?.()
    this.#known.delete(thing)
  }

  releaseAll(): void {
    for (const thing of [...this.#known.keys()]) this.release(thing)
  }
}

/** Whoever asks again waits for the same end; what is counted goes to the first. */
function once(drainable: Drainable): Drainable {
  const drain = drainable.drain.bind(drainable)
  const stopping = drainable.stopping?.bind(drainable)
  let drained: Promise<void> | undefined
  let told = false
  drainable.drain = (context: DrainContext) => (drained ??= drain(context))
  if (stopping) {
    drainable.stopping = () => {
      if (told) return
      told = true
      stopping()
    }
  }
  return drainable
}
