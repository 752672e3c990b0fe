import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

/** How many bytes of a connection had come, and when the last of them did. */
interface Heard {
  readonly since: number
  bytesRead: number
  lastAt: number
  readonly end: 'handshaking' | 'destroyed'
}

/** However slowly its bytes come, in milliseconds since we know of it. */
const AT_MOST_MS = 3_000

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
    this.#add(socket, { bytesRead, lastAt: bytesRead === 0 ? acceptedAt : monotonicNow(), end: 'handshaking' })
  }

  /** May be in its handshake, or speak what nobody lists: it has until the limit. */
  unknown(socket: Socket): void {
    this.#add(socket, { bytesRead: socket.bytesRead, lastAt: Infinity, end: 'destroyed' })
  }

  #add(socket: Socket, heard: Omit<Heard, 'since'>): void {
    this.#heard.set(socket, { since: monotonicNow(), ...heard })
    socket.once('close', () => {
      if (this.#heard.has(socket)) this.#counts.connection(heard.end)
      this.#delete(socket)
    })
  }

  /** `secured` speaks HTTP now. */
  ended(secured: Socket): void {
    // A plain server has none.
    if (this.#heard.size > 0) this.#delete(rawSocket(secured))
  }

  /** Those of which nothing has come for `ms`, as far as we looked; and those that take too long. */
  *quietFor(ms: number): Iterable<Socket> {
    const now = monotonicNow()
    for (const [socket, heard] of this.#heard) {
      if (heard.lastAt === Infinity) continue
      if (socket.bytesRead !== heard.bytesRead) Object.assign(heard, { bytesRead: socket.bytesRead, lastAt: now })
      if (now - heard.lastAt >= ms || now - heard.since >= AT_MOST_MS) yield socket
    }
  }

  cut(): void {
    for (const socket of this.#heard.keys()) socket.destroy()
  }

  #delete(socket: Socket): void {
    if (this.#heard.delete(socket) && this.#heard.size === 0) this.whenEmpty()
  }
}
