import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { DrainContext } from '../drainable.ts'
import { endUpgraded } from '../upgraded/end-upgraded.ts'
import { Connection } from './connection.ts'
import type { ConnectionsList, HttpSocket, PendingResponse } from './node-internals.ts'
import { Sweep } from './sweep.ts'

/** The events by which Node hands a request to the app. A listener of the last two changes what Node does. */
export const REQUEST_EVENTS = ['request', 'checkContinue', 'checkExpectation'] as const

/** How long an idle connection stays open, in milliseconds: where requests came a moment ago, and where none came. */
const BUSY_IDLE_MS = 500
const IDLE_MS = 100

export interface OpenConnectionsSetup {
  /** Node's own list; undefined where it cannot be found. */
  readonly list: ConnectionsList | undefined
  readonly context: DrainContext
  /** One has gone. */
  readonly closed: () => void
}

/** The HTTP/1 connections of a server while drain runs: those of an HTTP/1 server, or beside HTTP/2 by `allowHTTP1`. */
export class OpenConnections {
  readonly #context: DrainContext
  readonly #closed: () => void
  readonly #connections = new Map<Socket, Connection>()
  readonly #upgraded: Promise<void>[] = []
  readonly #sweep: Sweep
  readonly #list: ConnectionsList | undefined
  #isBusy = false

  constructor({ list, context, closed }: OpenConnectionsSetup) {
    this.#list = list
    this.#context = context
    this.#closed = closed
    this.#sweep = new Sweep({
      ...{ list, connections: this.#connections },
      idleMs: () => context.options.idleMs ?? (this.#isBusy ? BUSY_IDLE_MS : IDLE_MS),
      lookForNext: () => this.#lookForNext(),
      endEndless: (connection) => connection.endEndless(context),
      leave: (connection) => this.#leave([connection]),
    })
  }

  get size(): number {
    return this.#connections.size
  }

  /** Requests are in flight, or have come since drain began. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** What is there when drain begins. */
  start(sockets: Iterable<Socket>): void {
    for (const socket of sockets) this.adopt(socket).adopt()
    const known = [...this.#connections.values()]
    this.#isBusy = known.some(({ isBusy }) => isBusy)
    this.#leave(known.filter(({ isUpgraded }) => isUpgraded))
    for (const connection of known) connection.endEndless(this.#context)
    this.#lookForNext()
    this.#sweep.start()
  }

  /** A head may have been cut in the middle: Node knows of its first part, and tells nobody. */
  #lookForNext(): void {
    for (const { socket } of this.#list?.active?.() ?? []) if (socket) this.#connections.get(socket)?.nextHasBegun()
  }

  adopt(socket: HttpSocket): Connection {
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

  /** A request has come: called before the app's own listeners. */
  request(request: IncomingMessage, response: PendingResponse): void {
    this.#isBusy = true
    this.adopt(request.socket).request(request, response)
  }

  /** What has left HTTP is ended in its own way. */
  #leave(connections: readonly Connection[]): void {
    for (const connection of connections) {
      connection.leave()
      this.#connections.delete(connection.socket)
    }
    if (connections.length === 0) return
    const sockets = connections.map(({ socket }) => socket)
    this.#upgraded.push(endUpgraded(sockets, this.#context))
    this.#closed()
  }

  /** Resolves when what has left HTTP is closed, too. */
  async upgradedEnded(): Promise<void> {
    await Promise.all(this.#upgraded)
  }

  stop(): void {
    this.#sweep.stop()
  }

  /** The limit: what is left is cut, and counted. */
  cut(): void {
    for (const connection of this.#connections.values()) connection.cut()
  }
}
