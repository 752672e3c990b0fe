import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import type { DrainContext } from '../drainable.ts'
import { type KernelSocket, socketsOfPort, TCP_STATE } from '../kernel-sockets.ts'
import { endListener } from '../listener/end-listener.ts'
import { Connection } from './connection.ts'
import { Handshakes } from './handshakes.ts'
import { acceptedSockets, connectionsList, type HttpSocket, type PendingResponse } from './node-internals.ts'
import { Sweep } from './sweep.ts'

const debug = debugLog('serving')

/** Of what is left at the limit, handlers that heard the cutoff may still answer; in milliseconds. */
const LAST_WORDS_MS = 25

/** The events by which Node hands a request to the app. */
const REQUEST_EVENTS = ['request', 'checkContinue', 'checkExpectation'] as const

export interface Http1Setup {
  readonly server: Server
  readonly context: DrainContext
  /** Sockets that speak TLS and are past their handshake; undefined on a plain server. */
  readonly secured: ReadonlySet<Socket> | undefined
}

/** Drains the HTTP/1 connections of one server, and ends its listener. */
export class Http1Drain {
  readonly #server: Server
  readonly #context: DrainContext
  readonly #secured: ReadonlySet<Socket> | undefined
  readonly #connections = new Map<Socket, Connection>()
  readonly #handshakes = new Handshakes()
  readonly #offs: (() => void)[] = []
  #isBusy = false
  #empty = (): void => {}

  constructor({ server, context, secured }: Http1Setup) {
    this.#server = server
    this.#context = context
    this.#secured = secured
  }

  async run(): Promise<void> {
    const { limit } = this.#context
    this.#adoptAll()
    this.#listen()
    const sweep = new Sweep(
      { list: connectionsList(this.#server), connections: this.#connections, handshakes: this.#handshakes },
      () => this.#idleMs(),
      () => this.#unread(),
    )
    sweep.start()
    const lastWordsMs = Math.min(LAST_WORDS_MS, this.#context.remainingMs() / 40)
    const atLimit = (): void => void setTimeout(() => this.#cutAll(), lastWordsMs)
    if (limit.aborted) atLimit()
    limit.addEventListener('abort', atLimit, { once: true })
    await endListener(this.#server, limit)
    await this.#whenEmpty()
    limit.removeEventListener('abort', atLimit)
    sweep.stop()
    for (const off of this.#offs) off()
  }

  /** What is there already. */
  #adoptAll(): void {
    const listed = connectionsList(this.#server)?.all() ?? []
    const sockets = new Set<Socket>(this.#secured)
    for (const { socket } of listed) if (socket) sockets.add(socket)
    for (const socket of acceptedSockets(this.#server)) {
      if (this.#secured) this.#handshakes.begun(socket)
      else sockets.add(socket)
    }
    for (const socket of sockets) this.#adopt(socket).adopt()
    this.#isBusy = [...this.#connections.values()].some(({ isBusy }) => isBusy)
    debug('%s connections at drain, %s', this.#connections.size, this.#isBusy ? 'some are busy' : 'all idle')
  }

  #adopt(socket: HttpSocket): Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection = new Connection(socket, this.#context.counts)
    this.#connections.set(socket, connection)
    if (this.#secured) this.#handshakes.ended(socket)
    socket.once('close', () => {
      connection.closed()
      this.#connections.delete(socket)
      this.#lookWhetherEmpty()
    })
    return connection
  }

  /** Before the app's own listeners: who answers at once is heard in time. */
  #listen(): void {
    this.#on('connection', (socket: Socket) =>
      this.#secured ? this.#handshakes.begun(socket) : void this.#adopt(socket),
    )
    if (this.#secured) this.#on('secureConnection', (socket: Socket) => void this.#adopt(socket))
    for (const event of REQUEST_EVENTS) {
      // A listener of these two changes what Node does.
      if (event !== 'request' && this.#server.listenerCount(event) === 0) continue
      this.#on(event, (request: IncomingMessage, response: PendingResponse) => {
        this.#isBusy = true
        this.#adopt(request.socket).request(request, response)
      })
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the events have different arguments, and each listener names its own.
  #on(event: string, listener: (...given: any[]) => void): void {
    this.#server.prependListener(event, listener)
    this.#offs.push(() => this.#server.off(event, listener))
  }

  /** A request may be on its way where clients were busy a moment ago. */
  #idleMs(): number {
    return this.#context.options.idleMs ?? (this.#isBusy ? 500 : 100)
  }

  /** Which clients have not acknowledged everything: by their ports, from the kernel. */
  #unread(): ReadonlySet<number> {
    // The listener is gone; whoever it accepted has its port.
    const [{ localPort: port = 0, localFamily: family = '' } = {}] = this.#connections.keys()
    const rows = socketsOfPort({ port, family, address: '' }, UNREAD)
    return new Set((rows ?? []).filter(isUnread).map(({ remotePort }) => remotePort))
  }

  /** The limit: what is left is cut, and counted. */
  #cutAll(): void {
    for (const connection of this.#connections.values()) connection.cut()
    this.#handshakes.cut(this.#context.counts)
    for (const socket of acceptedSockets(this.#server)) socket.destroy()
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve
      this.#handshakes.whenEmpty = () => this.#lookWhetherEmpty()
      this.#lookWhetherEmpty()
    })
  }

  #lookWhetherEmpty(): void {
    if (this.#connections.size === 0 && this.#handshakes.size === 0) this.#empty()
  }
}

const UNREAD = [TCP_STATE.established, TCP_STATE.closeWait, TCP_STATE.finWait1]

/** The client has not acknowledged all bytes, or our FIN. */
function isUnread({ state, unacknowledged }: KernelSocket): boolean {
  return state === TCP_STATE.finWait1 || unacknowledged > 0
}
