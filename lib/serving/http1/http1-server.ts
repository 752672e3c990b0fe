import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Wire } from '../lame-duck/wire.ts'
import type { Recognised } from '../recognise.ts'
import { acceptedSockets } from '../sockets/accepted-sockets.ts'
import { addressText } from '../sockets/address-text.ts'
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
  readonly #secured: SecuredSockets | undefined

  constructor(server: Server) {
    this.#server = server
    const isSecure = typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function'
    this.kind = isSecure ? 'https' : 'http'
    this.#secured = isSecure ? new SecuredSockets(server) : undefined
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  wires(): readonly Wire[] {
    const open = (): Iterable<Socket> => this.#secured?.open ?? acceptedSockets(this.#server)
    return [{ server: this.#server, protocol: 'http1', isSecure: this.#secured !== undefined, open }]
  }

  drain(context: DrainContext): Promise<void> {
    return new Http1Drain({ server: this.#server, context, secured: this.#secured?.open }).run()
  }

  release(): void {
    this.#secured?.release()
  }
}

/**
 * The sockets of a TLS server that are past their handshake. Node keeps a list of those that speak HTTP; one that was
 * upgraded is in no list. Next to a handshake the cost of this one is nothing: a plain server needs none.
 */
class SecuredSockets {
  readonly open = new Set<Socket>()
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    server.prependListener('secureConnection', this.#opened)
  }

  release(): void {
    this.#server.off('secureConnection', this.#opened)
  }

  readonly #opened = (socket: Socket): void => {
    this.open.add(socket)
    socket.once('close', () => this.open.delete(socket))
  }
}
