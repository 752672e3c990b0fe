import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../raw-socket.ts'

/** How long a TLS handshake may take, in milliseconds. */
const HANDSHAKE_MS = 1_000

interface Waiting {
  readonly since: number
  /** A session may be on it that we were never told of. */
  readonly mayBeBusy: boolean
}

/** Sockets of a server on which no protocol is spoken yet: those in their TLS handshake. */
export class Unspoken {
  readonly #sockets = new Map<Socket, Waiting>()
  readonly #counts: ServerCounts
  readonly #closed: () => void

  constructor(counts: ServerCounts, closed: () => void) {
    this.#counts = counts
    this.#closed = closed
  }

  get size(): number {
    return this.#sockets.size
  }

  add(socket: Socket, mayBeBusy: boolean): void {
    this.#sockets.set(socket, { since: monotonicNow(), mayBeBusy })
    socket.once('close', () => this.#gone(socket))
  }

  /** `socket` is past its handshake. */
  spoke(socket: Socket): void {
    this.#gone(rawSocket(socket))
  }

  look(): void {
    const now = monotonicNow()
    for (const [socket, { since, mayBeBusy }] of this.#sockets) {
      if (!mayBeBusy && now - since >= HANDSHAKE_MS) this.#end(socket)
    }
  }

  cut(): void {
    for (const socket of [...this.#sockets.keys()]) this.#end(socket)
  }

  #end(socket: Socket): void {
    const mayBeBusy = this.#sockets.get(socket)?.mayBeBusy
    this.#counts.connection(mayBeBusy ? 'destroyed' : socket.bytesRead === 0 ? 'silent' : 'handshaking')
    socket.destroy()
  }

  #gone(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.#closed()
  }
}
