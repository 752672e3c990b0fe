import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { DrainContext } from '../drainable.ts'
import { Connection } from '../http1/connection.ts'
import { Handshakes } from '../http1/handshakes.ts'
import type { ConnectionsList, PendingResponse } from '../http1/node-internals.ts'
import { Sweep } from '../http1/sweep.ts'
import { unreadPorts } from '../http1/unread.ts'

/** How long an idle connection stays open, in milliseconds: where requests came a moment ago, and where none came. */
const BUSY_IDLE_MS = 500
const IDLE_MS = 100

/** The HTTP/1 connections of an HTTP/2 server with `allowHTTP1`: they end as those of an HTTP/1 server do. */
export class Http1Fallback {
  readonly #context: DrainContext
  readonly #closed: () => void
  readonly #connections = new Map<Socket, Connection>()
  readonly #sweep: Sweep
  #isBusy = false

  constructor(list: ConnectionsList, context: DrainContext, closed: () => void) {
    this.#context = context
    this.#closed = closed
    for (const { socket } of list.all()) if (socket) this.adopt(socket).adopt()
    this.#isBusy = [...this.#connections.values()].some(({ isBusy }) => isBusy)
    this.#sweep = new Sweep(
      // Handshakes are of neither protocol yet.
      { list, connections: this.#connections, handshakes: new Handshakes() },
      () => context.options.idleMs ?? (this.#isBusy ? BUSY_IDLE_MS : IDLE_MS),
      () => unreadPorts(this.#connections.keys()),
    )
  }

  get size(): number {
    return this.#connections.size
  }

  sockets(): Iterable<Socket> {
    return this.#connections.keys()
  }

  adopt(socket: Socket): Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection = new Connection(socket, this.#context.counts)
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      connection.closed()
      this.#connections.delete(socket)
      this.#closed()
    })
    return connection
  }

  /** Before the app's own listeners. */
  request(request: IncomingMessage, response: PendingResponse): void {
    this.#isBusy = true
    this.adopt(request.socket).request(request, response)
  }

  start(): void {
    this.#sweep.start()
  }

  stop(): void {
    this.#sweep.stop()
  }

  cut(): void {
    for (const connection of this.#connections.values()) connection.cut()
  }
}
