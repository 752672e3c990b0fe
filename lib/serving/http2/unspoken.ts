import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

/** How long a client may say nothing in its TLS handshake, and how long that may take at all, in milliseconds. */
const SILENT_MS = 1_000
const HANDSHAKE_MS = 3_000

interface Waiting {
  readonly since: number
  bytesRead: number
  lastAt: number
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
    const since = monotonicNow()
    this.#sockets.set(socket, { since, lastAt: since, bytesRead: socket.bytesRead, mayBeBusy })
    socket.once('close', () => this.#gone(socket))
  }

  /** `socket` is past its handshake. */
  spoke(socket: Socket): void {
    this.#gone(rawSocket(socket))
  }

  /** What had arrived by `now` has been read. */
  look(now: number): void {
    for (const [socket, waiting] of this.#sockets) {
      const { bytesRead } = socket
      if (bytesRead !== waiting.bytesRead) Object.assign(waiting, { bytesRead, lastAt: now })
      const isLate = now - waiting.lastAt >= SILENT_MS || now - waiting.since >= HANDSHAKE_MS
      if (isLate && !waiting.mayBeBusy) this.#end(socket)
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
