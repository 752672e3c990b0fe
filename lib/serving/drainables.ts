import type { Drainable, DrainContext } from './drainable.ts'
import { drainableOf, type Inner } from './recognise.ts'

interface Held {
  readonly drainable: Drainable
  /** Who needs it: whoever has registered it, and those that have it inside. */
  readonly holders: Set<object>
  readonly unwatch: () => void
}

/** Stands among the holders for whoever has registered it. */
const REGISTERED = {}

/**
 * One `Drainable` for each server, whoever asks: a WebSocketServer and the http server under it may both be registered,
 * and the http server is drained once.
 */
export class Drainables {
  readonly #known = new Map<object, Held>()
  readonly #watch: (drainable: Drainable) => () => void

  /** `watch` is called with each that is made, and returns what ends that. */
  constructor(watch: (drainable: Drainable) => () => void = () => () => {}) {
    this.#watch = watch
  }

  /** @throws {LastcallError} ERR_LASTCALL_SERVER */
  of(thing: unknown): Drainable {
    return this.#hold(thing, REGISTERED)
  }

  /** Whether somebody drains it. */
  knows(thing: object): boolean {
    return this.#known.has(thing)
  }

  all(): readonly Drainable[] {
    return [...this.#known.values()].map(({ drainable }) => drainable)
  }

  /** With it goes what it has inside and nobody else needs. Registered again, it is noticed again. */
  release(thing: object): void {
    this.#letGo(thing, REGISTERED)
  }

  releaseAll(): void {
    for (const held of this.#known.values()) end(held)
    this.#known.clear()
  }

  #hold(thing: unknown, holder: object): Drainable {
    const known = this.#known.get(thing as object)
    if (known) {
      known.holders.add(holder)
      return known.drainable
    }
    const inner: Inner = {
      of: (one) => this.#hold(one, thing as object),
      knows: (one) => this.knows(one),
    }
    const drainable = once(drainableOf(thing, inner))
    this.#known.set(thing as object, { drainable, holders: new Set([holder]), unwatch: this.#watch(drainable) })
    return drainable
  }

  #letGo(thing: object, holder: object): void {
    const held = this.#known.get(thing)
    if (!held?.holders.delete(holder) || held.holders.size > 0) return
    this.#known.delete(thing)
    end(held)
    for (const one of [...this.#known.keys()]) this.#letGo(one, thing)
  }
}

function end({ drainable, unwatch }: Held): void {
  unwatch()
  drainable.release?.()
}

/** Whoever asks again waits for the same end; what is counted goes to the first. */
function once(drainable: Drainable): Drainable {
  const drain = drainable.drain.bind(drainable)
  let drained: Promise<void> | undefined
  drainable.drain = (context: DrainContext) => (drained ??= drain(context))
  return drainable
}
