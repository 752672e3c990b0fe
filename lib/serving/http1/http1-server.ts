import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Wire } from '../lame-duck/wire.ts'
import type { Recognised } from '../recognise.ts'
import { acceptedSockets } from '../sockets/accepted-sockets.ts'
import { addressText } from '../sockets/address-text.ts'
import { TlsSockets } from '../tls/tls-sockets.ts'
import { Http1Drain } from './http1-drain.ts'

const METHODS = ['listen', 'close', 'address', 'getConnections', 'closeIdleConnections'] as const

/** `http.Server` and `https.Server`, of any realm. */
export const HTTP1: Recognised = {
  looksLike: (thing) => METHODS.every((name) => typeof (thing as Record<string, unknown>)[name] === 'function'),
  drainable: (thing) => new Http1Server(thing as Server),
}

class Http1Server implements Drainable {
  readonly kind: 'http' | 'https'
  readonly #server: Server
  readonly #tls: TlsSockets | undefined

  constructor(server: Server) {
    this.#server = server
    const isSecure = typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function'
    this.kind = isSecure ? 'https' : 'http'
    this.#tls = isSecure ? new TlsSockets(server) : undefined
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  wires(): readonly Wire[] {
    const open = (): Iterable<Socket> => this.#tls?.secured() ?? acceptedSockets(this.#server)
    return [{ server: this.#server, protocol: 'http1', isSecure: this.#tls !== undefined, open }]
  }

  drain(context: DrainContext): Promise<void> {
    return new Http1Drain({ server: this.#server, context, tls: this.#tls }).run()
  }

  release(): void {
    this.#tls?.release()
  }
}
