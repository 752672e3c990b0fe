import type { Server } from 'node:http'
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Wire } from '../lame-duck/wire.ts'
import type { Recognised } from '../recognise.ts'
import { Roster } from '../roster.ts'
import { openSoFar } from '../sockets/accepted-sockets.ts'
import { addressText } from '../sockets/address-text.ts'
import { TlsSockets } from '../tls/tls-sockets.ts'
import { Http2Drain, isWebSocket } from './http2-drain.ts'
import { allowsExtendedConnect, allowsHttp1, ownSessions } from './node-internals.ts'

const METHODS = ['listen', 'close', 'address', 'getConnections', 'updateSettings'] as const

/** What `http2.createServer` and `createSecureServer` return, of any realm. */
export const HTTP2: Recognised = {
  looksLike: (thing) => METHODS.every((name) => typeof (thing as Record<string, unknown>)[name] === 'function'),
  drainable: (thing) => new DrainableHttp2(thing as Http2Server),
}

class DrainableHttp2 implements Drainable {
  readonly kind = 'http2'
  readonly #server: Http2Server
  /** Node 20 and 22 keep no list of sessions. Beside the start of a session the cost of this one is nothing. */
  readonly #roster: Roster<ServerHttp2Session> | undefined
  /** Nobody keeps what a CONNECT was for. Only where the app lets clients open WebSockets, each stream is looked at. */
  readonly #webSockets: Roster<ServerHttp2Stream> | undefined
  /** Only with `allowHTTP1`: a connection of HTTP/1 that was upgraded is in no list, and is no session. */
  readonly #tls: TlsSockets | undefined
  readonly #unknown: WeakSet<Socket>

  constructor(server: Http2Server) {
    this.#server = server
    const isListed = ownSessions(server) !== undefined
    this.#roster = isListed ? undefined : new Roster(server, 'session')
    this.#webSockets = allowsExtendedConnect(server)
      ? new Roster(server, 'stream', (_, headers) => isWebSocket(headers as IncomingHttpHeaders))
      : undefined
    this.#tls = allowsHttp1(server) ? new TlsSockets(server as unknown as Server) : undefined
    this.#unknown = isListed && !this.#tls ? new WeakSet() : openSoFar(server)
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  wires(): readonly Wire[] {
    const open = (): Iterable<ServerHttp2Session> => ownSessions(this.#server) ?? this.#roster?.open() ?? []
    return [{ server: this.#server, protocol: 'http2', isSecure: 'setSecureContext' in this.#server, open }]
  }

  async drain(context: DrainContext): Promise<void> {
    const sessions = ownSessions(this.#server) ?? this.#roster?.open() ?? []
    const webSockets = this.#webSockets?.open() ?? []
    const secured = this.#tls?.secured() ?? []
    await new Http2Drain({
      ...{ server: this.#server, sessions, webSockets, secured, unknown: this.#unknown, context },
    }).run()
    this.release()
  }

  release(): void {
    this.#roster?.release()
    this.#webSockets?.release()
    this.#tls?.release()
  }
}
