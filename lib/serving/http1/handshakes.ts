import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

/** Connections of a TLS server that are not past their handshake. Node tells of the raw socket first, of the secured one later. */
export class Handshakes {
  readonly #since = new Map<Socket, number>()
  readonly #counts: ServerCounts
  whenEmpty = (): void => {}

  constructor(counts: ServerCounts) {
    this.#counts = counts
  }

  get size(): number {
    return this.#since.size
  }

  begun(socket: Socket): void {
    this.#since.set(socket, monotonicNow())
    socket.once('close', () => {
      if (this.#since.has(socket)) this.#counts.connection('handshaking')
      this.#delete(socket)
    })
  }

  /** `secured` speaks HTTP now. */
  ended(secured: Socket): void {
    // A plain server has none.
    if (this.#since.size > 0) this.#delete(rawSocket(secured))
  }

  /** Those that began longer ago than `ms`. */
  *olderThan(ms: number): Iterable<Socket> {
    const now = monotonicNow()
    for (const [socket, since] of this.#since) if (now - since >= ms) yield socket
  }

  cut(): void {
    for (const socket of this.#since.keys()) socket.destroy()
  }

  #delete(socket: Socket): void {
    if (this.#since.delete(socket) && this.#since.size === 0) this.whenEmpty()
  }
}
