import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { openSoFar } from '../sockets/accepted-sockets.ts'

/**
 * The sockets of a TLS server. Node keeps a list of those that speak HTTP; one that was upgraded is in no list, and of one
 * in its handshake nobody knows how old it is. Next to a handshake the cost of this is nothing: a plain server needs none.
 */
export class TlsSockets {
  readonly #secured = new Set<Socket>()
  readonly #acceptedAt = new WeakMap<Socket, number>()
  readonly #unknown: WeakSet<Socket>
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    this.#unknown = openSoFar(server)
    server.prependListener('connection', this.#accepted).prependListener('secureConnection', this.#opened)
  }

  /** Past their handshake, and open. */
  secured(): readonly Socket[] {
    return [...this.#secured]
  }

  /** Of a raw socket, on the monotonic clock; undefined for one that was there before us. */
  acceptedAt(socket: Socket): number | undefined {
    return this.#acceptedAt.get(socket)
  }

  /** Whether a raw socket was there before we were told of any: it is past its handshake, for all we know. */
  mayBeBusy(socket: Socket): boolean {
    return this.#unknown.has(socket)
  }

  release(): void {
    this.#server.off('connection', this.#accepted).off('secureConnection', this.#opened)
  }

  readonly #accepted = (socket: Socket): void => {
    this.#acceptedAt.set(socket, monotonicNow())
  }

  /** Not a roster, which keeps who has gone until the next are many: a TLS socket is large. */
  readonly #opened = (socket: Socket): void => {
    this.#secured.add(socket)
    socket.once('close', () => this.#secured.delete(socket))
  }
}
