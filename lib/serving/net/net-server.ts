import type { Server, Socket } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Wire } from '../lame-duck/wire.ts'
import type { Recognised } from '../recognise.ts'
import { Roster } from '../roster.ts'
import { acceptedSockets, openSoFar } from '../sockets/accepted-sockets.ts'
import { addressText } from '../sockets/address-text.ts'
import { NetDrain } from './net-drain.ts'

const METHODS = ['listen', 'close', 'address', 'getConnections'] as const

/** `net.Server` and `tls.Server`: what the app speaks on it is not known. */
export const NET: Recognised = {
  looksLike: (thing) => METHODS.every((name) => typeof (thing as Record<string, unknown>)[name] === 'function'),
  drainable: (thing) => new DrainableNet(thing as Server),
}

class DrainableNet implements Drainable {
  readonly kind: 'net' | 'tls'
  readonly #server: Server
  /** Past their handshake; Node lists only the sockets under them. */
  readonly #secured: Roster<Socket> | undefined
  readonly #unknown: WeakSet<Socket>

  constructor(server: Server) {
    this.#server = server
    const isSecure = typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function'
    this.kind = isSecure ? 'tls' : 'net'
    this.#secured = isSecure ? new Roster(server, 'secureConnection') : undefined
    this.#unknown = isSecure ? openSoFar(server) : new WeakSet()
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  wires(): readonly Wire[] {
    const open = (): Iterable<Socket> => this.#secured?.open() ?? acceptedSockets(this.#server)
    return [{ server: this.#server, protocol: 'net', isSecure: this.#secured !== undefined, open }]
  }

  async drain(context: DrainContext): Promise<void> {
    const accepted = acceptedSockets(this.#server)
    const secured = this.#secured?.open()
    await new NetDrain({ server: this.#server, accepted, secured, unknown: this.#unknown, context }).run()
    this.release()
  }

  release(): void {
    this.#secured?.release()
  }
}
