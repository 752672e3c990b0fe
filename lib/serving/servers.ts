import type { Cluster } from 'node:cluster'
import { isDeepStrictEqual } from 'node:util'
import { LastcallError } from '../errors.ts'
import type { Hook, HookContext } from '../hooks/hook.ts'
import { closeResource } from '../hooks/resource.ts'
import { show } from '../options.ts'
import type { Drainable, DrainContext } from './drainable.ts'
import { ServerCounts } from './drainable.ts'
import { Drainables } from './drainables.ts'
import type { LameDuck } from './lame-duck/lame-duck.ts'
import { PrimaryListeners } from './listener/primary-listeners.ts'
import { checkServerOptions, type ServerOptions } from './server-options.ts'

export interface ServersSetup {
  /** Adds a hook; returns what takes it off. */
  readonly add: (hook: Hook) => () => void
  /** The shutdown's first moment. */
  readonly stopping: AbortSignal
  /** Aborts the cutoff: a handler that listens to it may still answer in the moments that are left. */
  readonly cut: () => void
  /** Serves on until routing has caught up; absent outside a cluster. */
  readonly lameDuck?: Pick<LameDuck, 'watch' | 'joinUnwatched' | 'stop'> | undefined
}

/** The servers of a shutdown: each a hook in drain. */
export class Servers {
  readonly #setup: ServersSetup
  readonly #registered = new WeakMap<object, Registered>()
  readonly #names = new Set<string>()
  readonly #drainables: Drainables
  readonly #primaries = new Set<PrimaryListeners>()

  constructor(setup: ServersSetup) {
    this.#setup = setup
    this.#drainables = new Drainables((drainable) => setup.lameDuck?.watch(drainable) ?? (() => {}))
  }

  /**
   * The same server again changes nothing. Returns what takes it off.
   * @throws {LastcallError} ERR_LASTCALL_SERVER, ERR_LASTCALL_OPTION; ERR_LASTCALL_DUPLICATE when it has other options by now
   */
  add(thing: unknown, options: ServerOptions = {}): () => void {
    if (typeof thing !== 'string') checkServerOptions(options)
    const key = thing as object
    const known = this.#registered.get(key)
    if (known) {
      checkUnchanged(known, options)
      return known.off
    }
    const drainable = this.#drainables.of(thing)
    const name = options.name ?? this.#freeName(`${drainable.kind} server`)
    const offs = this.#addAll(key, [
      this.#hook(name, drainable, options),
      ...(drainable.closeLater ? [closeHook(`close ${name}`, drainable.closeLater)] : []),
    ])
    this.#names.add(name)
    const look = (): void => drainable.lookInside?.()
    this.#setup.stopping.addEventListener('abort', look, { once: true })
    const takeOff = (): void => {
      if (!this.#registered.delete(key)) return
      this.#names.delete(name)
      this.#setup.stopping.removeEventListener('abort', look)
      this.#drainables.release(key)
      for (const off of offs) off()
    }
    this.#registered.set(key, { options: { ...options, name }, off: takeOff })
    return takeOff
  }

  /** Whether one of them listens now: then this process serves, and others may be sent here. */
  listens(): boolean {
    const isListening = this.#drainables.all().some((drainable) => drainable.address() !== null)
    return isListening || [...this.#primaries].some((primary) => primary.listens)
  }

  /** Takes off what registering has put on servers and apps. */
  dispose(): void {
    this.#drainables.releaseAll()
  }

  /** All, or none, and then nothing of ours stays on the server. */
  #addAll(key: object, hooks: readonly Hook[]): (() => void)[] {
    const offs: (() => void)[] = []
    try {
      for (const hook of hooks) offs.push(this.#setup.add(hook))
    } catch (error) {
      for (const off of offs) off()
      this.#drainables.release(key)
      throw error
    }
    return offs
  }

  /** The primary of a cluster accepts for its workers, and they drain what they have been handed. */
  addCluster(name: string, cluster: Cluster): () => void {
    const listeners = new PrimaryListeners(cluster)
    this.#primaries.add(listeners)
    this.#setup.lameDuck?.joinUnwatched()
    const off = this.#setup.add({
      ...{ name: `listeners of ${name}`, phase: 'drain', after: [], timeoutMs: undefined, isOurs: true },
      run: (context) => {
        this.#setup.lameDuck?.stop()
        return listeners.end(context.signal)
      },
      findings: () => ({}),
    })
    return () => {
      listeners.release()
      this.#primaries.delete(listeners)
      off()
    }
  }

  #hook(name: string, drainable: Drainable, options: ServerOptions): Hook {
    const counts = new ServerCounts()
    let address: string | null = null
    return {
      name,
      phase: 'drain',
      after: options.after ?? [],
      timeoutMs: undefined,
      // An app is told in a hook of its own.
      isOurs: true,
      run: async (context: HookContext) => {
        this.#setup.lameDuck?.stop()
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
        faults: drainable.faults?.() ?? [],
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

interface Registered {
  readonly options: ServerOptions
  readonly off: () => void
}

/** It is drained as it was registered first: other options would be dropped without a word. */
function checkUnchanged({ options }: Registered, again: ServerOptions): void {
  for (const key of Object.keys(again) as (keyof ServerOptions)[]) {
    if (again[key] === undefined || isDeepStrictEqual(again[key], options[key])) continue
    throw new LastcallError(
      'ERR_LASTCALL_DUPLICATE',
      `this server is registered already, as ${show(options.name)}, with ${key} ${show(options[key])}: it cannot become ${show(again[key])}. ` +
        'Give the options where it is registered first, or call what that call returned, which takes it off.',
    )
  }
}

/** An app's own close, in the phase where what requests used is closed: its server is drained by then. */
function closeHook(name: string, close: () => Promise<unknown>): Hook {
  const closer = { how: 'close()', close }
  return {
    ...{ name, phase: 'close', after: [], timeoutMs: undefined, how: closer.how },
    run: (context) => closeResource(closer, context),
  }
}
