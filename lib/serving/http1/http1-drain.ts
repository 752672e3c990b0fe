import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import type { DrainContext } from '../drainable.ts'
import { afterLimit } from '../last-words.ts'
import { endListener } from '../listener/end-listener.ts'
import { acceptedSockets } from '../sockets/accepted-sockets.ts'
import { Handshakes } from '../tls/handshakes.ts'
import type { TlsSockets } from '../tls/tls-sockets.ts'
import { connectionsList, endTimeoutChecks, type PendingResponse } from './node-internals.ts'
import { OpenConnections, REQUEST_EVENTS } from './open-connections.ts'

const debug = debugLog('serving')

export interface Http1Setup {
  readonly server: Server
  readonly context: DrainContext
  /** Undefined on a plain server. */
  readonly tls: TlsSockets | undefined
}

/** Drains the HTTP/1 connections of one server, and ends its listener. */
export class Http1Drain {
  readonly #server: Server
  readonly #context: DrainContext
  readonly #tls: TlsSockets | undefined
  readonly #connections: OpenConnections
  readonly #handshakes: Handshakes
  readonly #offs: (() => void)[] = []
  #empty = (): void => {}

  constructor({ server, context, tls }: Http1Setup) {
    this.#server = server
    this.#context = context
    this.#tls = tls
    const closed = (): void => this.#lookWhetherEmpty()
    this.#handshakes = new Handshakes(context.counts, closed)
    this.#connections = new OpenConnections({ list: connectionsList(server), context, closed })
  }

  async run(): Promise<void> {
    const { limit } = this.#context
    this.#listen()
    // First of all: while we look at thousands of connections as many clients would queue up.
    const listenerEnded = endListener(this.#server, limit)
    this.#connections.start(this.#sockets())
    debug('%s connections at drain, %s', this.#connections.size, this.#connections.isBusy ? 'some busy' : 'all idle')
    const forget = afterLimit(this.#context, () => this.#cutAll())
    await listenerEnded
    await this.#whenEmpty()
    await this.#connections.upgradedEnded()
    forget()
    this.#connections.stop()
    // The app may have it listen again by now.
    if (!this.#server.listening) endTimeoutChecks(this.#server)
    for (const off of this.#offs) off()
  }

  /** What is there already. */
  #sockets(): ReadonlySet<Socket> {
    const sockets = new Set(this.#tls?.secured())
    for (const { socket } of connectionsList(this.#server)?.all() ?? []) if (socket) sockets.add(socket)
    for (const socket of acceptedSockets(this.#server)) {
      if (this.#tls?.mayBeBusy(socket)) this.#handshakes.unknown(socket)
      else if (this.#tls) this.#handshakes.begun(socket, this.#tls.acceptedAt(socket))
      else sockets.add(socket)
    }
    // What is past its handshake is listed twice: the socket that speaks HTTP, and the one under it.
    for (const socket of sockets) this.#handshakes.ended(socket)
    return sockets
  }

  /** Before the app's own listeners: who answers at once is heard in time. */
  #listen(): void {
    this.#on('connection', (socket: Socket & { readonly server?: unknown }) => {
      if (!this.#tls) this.#connections.adopt(socket)
      // What the app hands in by `emit('connection')` may have a TLS socket above another one than this.
      else if (socket.server === this.#server) this.#handshakes.begun(socket)
    })
    if (this.#tls) {
      this.#on('secureConnection', (socket: Socket) => {
        this.#connections.adopt(socket)
        this.#handshakes.ended(socket)
      })
    }
    for (const event of REQUEST_EVENTS) {
      if (event !== 'request' && this.#server.listenerCount(event) === 0) continue
      this.#on(event, (request: IncomingMessage, response: PendingResponse) =>
        this.#connections.request(request, response),
      )
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the events have different arguments, and each listener names its own.
  #on(event: string, listener: (...given: any[]) => void): void {
    this.#server.prependListener(event, listener)
    this.#offs.push(() => this.#server.off(event, listener))
  }

  /** The limit: what is left is cut, and counted. */
  #cutAll(): void {
    this.#connections.cut()
    this.#handshakes.cut()
    for (const socket of acceptedSockets(this.#server)) socket.destroy()
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve
      this.#lookWhetherEmpty()
    })
  }

  #lookWhetherEmpty(): void {
    if (this.#connections.size === 0 && this.#handshakes.size === 0) this.#empty()
  }
}
