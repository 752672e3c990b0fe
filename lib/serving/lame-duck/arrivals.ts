import type { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { ArrivedRequest } from './probe.ts'
import { addressOf, type Line, type Wire } from './wire.ts'

/** Who is told what comes. */
export interface Watcher {
  /** A connection; true where its first request is to be looked at. */
  arrived(line: Line, address: string): boolean
  /** A request: before the end the first of a connection that was asked for, then each. */
  requested(line: Line, address: string, request: ArrivedRequest): void
}

/**
 * Watches who connects to one server. Whoever asks for a connection's first request has it; no listener of requests stays
 * on the server for longer, since an answer may take less time than such a listener.
 */
export class Arrivals {
  readonly #wire: Wire
  readonly #watcher: Watcher
  readonly #waiting = new Set<Line>()
  #listensToAll = false
  #listens = false
  readonly #offs: (() => void)[] = []

  constructor(wire: Wire, watcher: Watcher) {
    this.#wire = wire
    this.#watcher = watcher
    const { protocol, isSecure } = wire
    if (protocol === 'http2') this.#on('session', (session: ServerHttp2Session) => this.#arrived(session))
    if (protocol !== 'http2' || isSecure) {
      this.#on(isSecure ? 'secureConnection' : 'connection', (socket: Socket & { alpnProtocol?: unknown }) => {
        if (protocol !== 'http2' || socket.alpnProtocol !== 'h2') this.#arrived(socket)
      })
    }
  }

  /** From now on each request is told. */
  listenToAll(): void {
    this.#listensToAll = true
    this.#listen()
  }

  get listensToRequests(): boolean {
    return this.#listens
  }

  stop(): void {
    for (const off of this.#offs.splice(0)) off()
    this.#unlisten()
    this.#waiting.clear()
  }

  #arrived(line: Line): void {
    const address = addressOf(line, this.#wire)
    if (address === undefined || !this.#watcher.arrived(line, address) || this.#listensToAll) return
    this.#waiting.add(line)
    line.once('close', () => this.#hasCome(line))
    this.#listen()
  }

  #hasCome(line: Line): void {
    if (this.#waiting.delete(line) && this.#waiting.size === 0 && !this.#listensToAll) this.#unlisten()
  }

  #listen(): void {
    if (this.#listens || this.#wire.protocol === 'net') return
    this.#listens = true
    const { server, protocol } = this.#wire
    // A listener of `request` makes Node build a request and a response for each stream.
    if (protocol === 'http2') server.prependListener('stream', this.#stream)
    if (protocol === 'http1' || server.listenerCount('request') > 0) server.prependListener('request', this.#request)
  }

  #unlisten(): void {
    this.#listens = false
    this.#wire.server.off('stream', this.#stream)
    this.#wire.server.off('request', this.#request)
  }

  readonly #request = (request: IncomingMessage): void => {
    if (request.httpVersionMajor === 1) this.#requested(request.socket, request)
  }

  readonly #stream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const session = stream.session as ServerHttp2Session | undefined
    const request = { method: String(headers[':method']), url: String(headers[':path']), headers }
    if (session) this.#requested(session, request)
  }

  #requested(line: Line, request: ArrivedRequest): void {
    if (!this.#listensToAll && !this.#waiting.has(line)) return
    const address = addressOf(line, this.#wire)
    if (address !== undefined) this.#watcher.requested(line, address, request)
    this.#hasCome(line)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the events have different arguments, and each listener names its own.
  #on(event: string, listener: (...given: any[]) => void): void {
    const { server } = this.#wire
    server.prependListener(event, listener)
    this.#offs.push(() => server.off(event, listener))
  }
}
