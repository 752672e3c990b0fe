import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

/** How many bytes of a connection had come, and when the last of them did. */
interface Heard {
  readonly bytesRead: number
  readonly lastAt: number
}

/** Connections of a TLS server that are not past their handshake. Node tells of the raw socket first, of the secured one later. */
export class Handshakes {
  readonly #heard = new Map<Socket, Heard>()
  readonly #counts: ServerCounts
  whenEmpty = (): void => {}

  constructor(counts: ServerCounts) {
    this.#counts = counts
  }

  get size(): number {
    return this.#heard.size
  }

  /** Accepted at `acceptedAt`, if that is known: the time of one that has said nothing began then. */
  begun(socket: Socket, acceptedAt = monotonicNow()): void {
    const { bytesRead } = socket
    this.#heard.set(socket, { bytesRead, lastAt: bytesRead === 0 ? acceptedAt : monotonicNow() })
    socket.once('close', () => {
      if (this.#heard.has(socket)) this.#counts.connection('handshaking')
      this.#delete(socket)
    })
  }

  /** `secured` speaks HTTP now. */
  ended(secured: Socket): void {
    // A plain server has none.
    if (this.#heard.size > 0) this.#delete(rawSocket(secured))
  }

  /** Those of which nothing has come for `ms`, as far as we looked. */
  *quietFor(ms: number): Iterable<Socket> {
    const now = monotonicNow()
    for (const [socket, heard] of this.#heard) {
      if (socket.bytesRead !== heard.bytesRead) this.#heard.set(socket, { bytesRead: socket.bytesRead, lastAt: now })
      else if (now - heard.lastAt >= ms) yield socket
    }
  }

  cut(): void {
    for (const socket of this.#heard.keys()) socket.destroy()
  }

  #delete(socket: Socket): void {
    if (this.#heard.delete(socket) && this.#heard.size === 0) this.whenEmpty()
  }
}
