import type { Cluster, Worker } from 'node:cluster'
import type { AddressInfo, Server } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import { clearTimeout, setImmediate, setTimeout } from '../../real-time.ts'
import { isWhole, type ListeningHandle } from './listening-handle.ts'
import { closeByPlug } from './plug.ts'

const debug = debugLog('serving')

/** Of node:diagnostics_channel, "Net": a server has begun to listen. */
const LISTENS = 'tracing:net.server.listen:asyncEnd'
/** A worker that has taken nothing for so long is busy with something else, or gone; in milliseconds. */
const PATIENCE_MS = 500

/**
 * The listeners of a cluster's primary. It accepts for its workers, and the last worker that ends closes the listener:
 * whoever waits in the queue, or in the primary for a worker that takes it, is reset. So the listener goes first, while
 * the workers still serve what they are handed.
 *
 * Node keeps it to itself, and tells of it once: when it begins to listen. Before that somebody has to be there.
 */
export class PrimaryListeners {
  readonly #handles = new Set<ListeningHandle>()
  readonly #cluster: Cluster
  readonly #channel = process.getBuiltinModule('node:diagnostics_channel')
  /** Accepted, and no worker has said that it has it. */
  #waiting = 0
  #moved = (): void => {}

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#channel.subscribe(LISTENS, this.#listens)
    cluster.on('fork', this.#forked)
    for (const worker of Object.values(cluster.workers ?? {})) if (worker) this.#forked(worker)
  }

  get listens(): boolean {
    return [...this.#handles].some((handle) => handle.fd >= 0)
  }

  release(): void {
    this.#channel.unsubscribe(LISTENS, this.#listens)
    this.#cluster.off('fork', this.#forked)
    for (const worker of Object.values(this.#cluster.workers ?? {})) worker?.process.off('internalMessage', this.#said)
  }

  /** Resolves when none listens any more, and every connection that was made is some worker's. */
  async end(limit: AbortSignal): Promise<void> {
    await Promise.all([...this.#handles].map((handle) => this.#close(handle, limit)))
    while (this.#waiting > 0 && !limit.aborted) {
      const before = this.#waiting
      await this.#move(limit)
      if (this.#waiting === before) break
    }
    debug('the cluster listens no more, %s connections wait for a worker', this.#waiting)
  }

  readonly #listens = (message: unknown): void => {
    const { server } = message as { server: Server & { _handle?: unknown } }
    const handle = server._handle
    if (!isWhole(handle)) return
    // The cluster takes it over as soon as it listens, and the server is left without; any other server keeps its own.
    server.once('listening', () => setImmediate(() => server._handle === null && this.#count(handle)))
  }

  #count(handle: ListeningHandle): void {
    this.#handles.add(handle)
    const accept = handle.onconnection
    handle.onconnection = (status, accepted) => {
      if (accepted) this.#waiting++
      accept.call(handle, status, accepted)
    }
  }

  readonly #forked = (worker: Worker): void => {
    worker.process.on('internalMessage', this.#said)
  }

  /** What a worker answers to a connection that it was handed; one that it does not want goes to the next. */
  readonly #said = (message: { cmd?: unknown; ack?: unknown; accepted?: unknown }): void => {
    if (message.cmd !== 'NODE_CLUSTER' || message.ack === undefined || message.accepted !== true) return
    if (this.#waiting > 0) this.#waiting--
    this.#moved()
  }

  /** Until a worker has taken one, or none has for a while. */
  #move(limit: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        limit.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, PATIENCE_MS)
      limit.addEventListener('abort', done, { once: true })
      this.#moved = done
    })
  }

  async #close(handle: ListeningHandle, limit: AbortSignal): Promise<void> {
    this.#handles.delete(handle)
    const address: Partial<AddressInfo> = {}
    // Its last worker has gone, and it with that.
    if (handle.fd < 0 || handle.getsockname(address) !== 0) return
    const close = (): void => handle.close()
    limit.addEventListener('abort', close, { once: true })
    const isOpen = (): boolean => handle.fd >= 0
    if (!(await closeByPlug({ handle, address: address as AddressInfo, isOpen, close }))) close()
    limit.removeEventListener('abort', close)
  }
}
