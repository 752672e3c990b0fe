import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { debugLog } from '../../debug-log.ts'
import { clearInterval, setInterval } from '../../real-time.ts'
import { aFew } from '../a-few.ts'
import { arrivedIsRead } from '../arrived.ts'
import type { DrainContext } from '../drainable.ts'
import { connectionsList, endTimeoutChecks, type PendingResponse } from '../http1/node-internals.ts'
import { OpenConnections, REQUEST_EVENTS } from '../http1/open-connections.ts'
import { afterLimit } from '../last-words.ts'
import { endListener } from '../listener/end-listener.ts'
import { acceptedSockets } from '../sockets/accepted-sockets.ts'
import { rawSocket } from '../sockets/raw-socket.ts'
import { Handshakes } from '../tls/handshakes.ts'
import { OpenSession } from './open-session.ts'

const debug = debugLog('serving')

/** How often we look, in milliseconds. */
const EVERY_MS = 10
/** The part of the sessions that is told in a look. */
const PART = 0.04

type SecureSocket = Socket & { readonly alpnProtocol?: unknown }

export interface Http2Setup {
  readonly server: Http2Server
  /** Those that are open at drain's begin. */
  readonly sessions: Iterable<ServerHttp2Session>
  /** Sockets that were open before we were told of sessions: one may be under each, for all we know. */
  readonly unknown?: WeakSet<Socket>
  /** Past their TLS handshake, whatever they speak; only with `allowHTTP1`. */
  readonly secured?: readonly SecureSocket[]
  /** Streams that are WebSockets, and open at drain's begin. */
  readonly webSockets?: Iterable<ServerHttp2Stream>
  /** @default 'reset' */
  readonly cutBy?: 'reset' | 'drop'
  readonly context: DrainContext
}

/** Drains the sessions of one server, and ends its listener. */
export class Http2Drain {
  readonly #setup: Http2Setup
  readonly #sessions = new Map<ServerHttp2Session, OpenSession>()
  readonly #webSockets: WeakSet<ServerHttp2Stream>
  /** undefined where the server speaks HTTP/2 only. */
  readonly #http1: OpenConnections | undefined
  readonly #handshakes: Handshakes
  readonly #offs: (() => void)[] = []
  #empty = (): void => {}

  constructor(setup: Http2Setup) {
    this.#setup = setup
    this.#webSockets = new WeakSet(setup.webSockets ?? [])
    const closed = (): void => this.#lookWhetherEmpty()
    const list = connectionsList(setup.server as unknown as Server)
    this.#http1 = list && new OpenConnections({ list, context: setup.context, closed })
    this.#handshakes = new Handshakes(setup.context.counts, closed)
  }

  async run(): Promise<void> {
    const { server, context } = this.#setup
    this.#listen()
    // First of all: while we look at what is there clients would queue up.
    const listenerEnded = endListener(server, context.limit)
    this.#adoptAll()
    const forget = afterLimit(context, () => this.#cutAll())
    void this.#look()
    const sweep = setInterval(() => void this.#look(), EVERY_MS)
    await listenerEnded
    await this.#whenEmpty()
    await this.#http1?.upgradedEnded()
    clearInterval(sweep)
    this.#http1?.stop()
    if (!server.listening) endTimeoutChecks(server)
    forget()
    for (const off of this.#offs) off()
  }

  /** What is there already. */
  #adoptAll(): void {
    const { server, sessions, secured = [], unknown } = this.#setup
    for (const session of sessions) this.#adopt(session)
    const listed = connectionsList(server as unknown as Server)?.all() ?? []
    const http1 = new Set<Socket>(secured.filter(speaksHttp1))
    for (const { socket } of listed) if (socket) http1.add(socket)
    this.#http1?.start(http1)
    const known = new Set([...http1].map(rawSocket))
    for (const { socket } of this.#sessions.values()) if (socket) known.add(rawSocket(socket))
    for (const socket of acceptedSockets(server)) {
      if (known.has(socket)) continue
      if (unknown?.has(socket)) this.#handshakes.unknown(socket)
      else this.#handshakes.begun(socket)
    }
    debug('%s sessions at drain, %s connections of HTTP/1', this.#sessions.size, this.#http1?.size ?? 0)
  }

  #adopt(session: ServerHttp2Session): OpenSession {
    const known = this.#sessions.get(session)
    if (known) return known
    const { context, cutBy = 'reset' } = this.#setup
    const open = new OpenSession(session, { context, cutBy, webSockets: this.#webSockets })
    this.#sessions.set(session, open)
    if (open.socket) this.#handshakes.ended(open.socket)
    void open.closed.then(() => {
      this.#sessions.delete(session)
      this.#lookWhetherEmpty()
    })
    return open
  }

  /** Before the app's own listeners. */
  #listen(): void {
    this.#on('connection', (socket: Socket & { readonly server?: unknown }) => {
      // What the app hands in by `emit('connection')` has a session above another socket than this one.
      if (socket.server === this.#setup.server) this.#handshakes.begun(socket)
    })
    this.#on('session', (session: ServerHttp2Session) => void this.#adopt(session))
    this.#on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      if (isWebSocket(headers)) this.#webSockets.add(stream)
      if (!stream.session) return
      const session = this.#adopt(stream.session as ServerHttp2Session)
      session.stream(stream)
      session.tellSoon()
    })
    const http1 = this.#http1
    if (!http1) return
    this.#on('secureConnection', (socket: SecureSocket) => {
      if (!speaksHttp1(socket)) return
      http1.adopt(socket)
      this.#handshakes.ended(socket)
    })
    for (const event of REQUEST_EVENTS) {
      // One of `request` makes Node build request and response for each stream, where the app wants none.
      if (this.#setup.server.listenerCount(event) === 0) continue
      this.#on(event, (request: IncomingMessage, response: PendingResponse) => {
        if (request.httpVersionMajor === 1) http1.request(request, response)
      })
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the events have different arguments, and each listener names its own.
  #on(event: string, listener: (...given: any[]) => void): void {
    const { server } = this.#setup
    server.prependListener(event, listener)
    this.#offs.push(() => server.off(event, listener))
  }

  async #look(): Promise<void> {
    const now = await arrivedIsRead()
    let left = aFew(this.#sessions.size, PART)
    for (const session of this.#sessions.values()) {
      if (session.isUntold(now) && left-- > 0) session.tell()
      session.look(now)
    }
  }

  /** The limit: what is left is cut, and counted. */
  #cutAll(): void {
    for (const session of this.#sessions.values()) session.cut()
    this.#http1?.cut()
    this.#handshakes.cut()
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#empty = resolve
      this.#lookWhetherEmpty()
    })
  }

  #lookWhetherEmpty(): void {
    const open = this.#sessions.size + this.#handshakes.size + (this.#http1?.size ?? 0)
    if (open === 0) this.#empty()
  }
}

function speaksHttp1({ alpnProtocol }: SecureSocket): boolean {
  return alpnProtocol !== 'h2'
}

/** https://www.rfc-editor.org/rfc/rfc8441#section-5 */
export function isWebSocket(headers: IncomingHttpHeaders): boolean {
  return headers[':protocol'] === 'websocket'
}
