import type { Hook, HookContext } from '../hooks/hook.ts'
import type { Drainable, DrainContext } from './drainable.ts'
import { ServerCounts } from './drainable.ts'
import { drainableOf } from './recognise.ts'
import { checkServerOptions, type ServerOptions } from './server-options.ts'

export interface ServersSetup {
  /** Adds a hook; returns what takes it off. */
  readonly add: (hook: Hook) => () => void
  /** The shutdown's first moment. */
  readonly stopping: AbortSignal
  /** Aborts the cutoff: a handler that listens to it may still answer in the moments that are left. */
  readonly cut: () => void
}

/** The servers of a shutdown: each a hook in drain. */
export class Servers {
  readonly #setup: ServersSetup
  readonly #offs = new WeakMap<object, () => void>()
  readonly #names = new Set<string>()

  constructor(setup: ServersSetup) {
    this.#setup = setup
  }

  /** The same server again changes nothing. Returns what takes it off. */
  add(thing: unknown, options: ServerOptions = {}): () => void {
    checkServerOptions(options)
    const drainable = drainableOf(thing)
    const key = thing as object
    const known = this.#offs.get(key)
    if (known) return known
    const name = options.name ?? this.#freeName(`${drainable.kind} server`)
    const off = this.#setup.add(this.#hook(name, drainable, options))
    this.#names.add(name)
    const tell = (): void => drainable.stopping?.()
    this.#setup.stopping.addEventListener('abort', tell, { once: true })
    const takeOff = (): void => {
      if (!this.#offs.delete(key)) return
      this.#names.delete(name)
      this.#setup.stopping.removeEventListener('abort', tell)
      drainable.release?.()
      off()
    }
    this.#offs.set(key, takeOff)
    return takeOff
  }

  #hook(name: string, drainable: Drainable, options: ServerOptions): Hook {
    const counts = new ServerCounts()
    let address: string | null = null
    return {
      name,
      phase: 'drain',
      after: [],
      timeoutMs: undefined,
      run: async (context: HookContext) => {
        address = drainable.address()
        context.signal.addEventListener('abort', () => this.#setup.cut(), { once: true })
        const drain: DrainContext = { limit: context.signal, remainingMs: () => context.remainingMs(), counts, options }
        await drainable.drain(drain)
      },
      findings: () => ({
        servers: [
          {
            ...{ name, kind: drainable.kind, address },
            ...{ finished: counts.finished, cut: counts.cut, refusedLate: counts.refusedLate },
            connections: { ...counts.connections },
          },
        ],
      }),
    }
  }

  #freeName(base: string): string {
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base} ${n}`
      if (!this.#names.has(name)) return name
    }
  }
}
