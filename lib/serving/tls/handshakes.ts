import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { clearInterval, setInterval } from '../../real-time.ts'
import { aFew } from '../a-few.ts'
import { arrivedIsRead } from '../arrived.ts'
import type { ServerCounts } from '../drainable.ts'
import { rawSocket } from '../sockets/raw-socket.ts'

/** How often we look, in milliseconds. */
const EVERY_MS = 10
/** The part of them that a look may end. */
const PART = 0.1

/** How long a client may say nothing, and how long its handshake may take at all since we know of it, in milliseconds. */
const SILENT_MS = 1_000
const HANDSHAKE_MS = 3_000

/** How many bytes of a connection had come, and when the last of them did. */
interface Heard {
  readonly since: number
  bytesRead: number
  lastAt: number
  readonly mayBeBusy: boolean
}

/**
 * Connections of a server on which no protocol is spoken yet: those in their TLS handshake. Node tells of the raw socket
 * first, of the secured one later.
 */
export class Handshakes {
  readonly #heard = new Map<Socket, Heard>()
  readonly #counts: ServerCounts
  readonly #gone: () => void
  #timer: NodeJS.Timeout | undefined

  /** `gone` is called when one of them has ended, in either way. */
  constructor(counts: ServerCounts, gone: () => void) {
    this.#counts = counts
    this.#gone = gone
  }

  get size(): number {
    return this.#heard.size
  }

  /** Accepted at `acceptedAt`, if that is known: the time of one that has said nothing began then. */
  begun(socket: Socket, acceptedAt = monotonicNow()): void {
    this.#add(socket, { lastAt: socket.bytesRead === 0 ? acceptedAt : monotonicNow(), mayBeBusy: false })
  }

  /** Was there before we were told of any: may be in its handshake, or speak what nobody lists. It has until the limit. */
  unknown(socket: Socket): void {
    this.#add(socket, { lastAt: monotonicNow(), mayBeBusy: true })
  }

  #add(socket: Socket, heard: Pick<Heard, 'lastAt' | 'mayBeBusy'>): void {
    if (socket.closed) return
    this.#heard.set(socket, { since: monotonicNow(), bytesRead: socket.bytesRead, ...heard })
    socket.once('close', () => this.#delete(socket))
    this.#timer ??= setInterval(() => void this.#look(), EVERY_MS)
  }

  /** `socket`, the secured one or the one under it, speaks its protocol now. */
  ended(socket: Socket): void {
    this.#delete(rawSocket(socket))
  }

  /** The limit. */
  cut(): void {
    for (const socket of [...this.#heard.keys()]) this.#end(socket)
  }

  async #look(): Promise<void> {
    const now = await arrivedIsRead()
    let left = aFew(this.#heard.size, PART)
    for (const [socket, heard] of this.#heard) {
      const { bytesRead } = socket
      if (bytesRead !== heard.bytesRead) Object.assign(heard, { bytesRead, lastAt: now })
      const isLate = now - heard.lastAt >= SILENT_MS || now - heard.since >= HANDSHAKE_MS
      if (isLate && !heard.mayBeBusy && left-- > 0) this.#end(socket)
    }
  }

  #end(socket: Socket): void {
    const mayBeBusy = this.#heard.get(socket)?.mayBeBusy
    this.#counts.connection(mayBeBusy ? 'destroyed' : socket.bytesRead === 0 ? 'silent' : 'handshaking')
    socket.destroy()
  }

  #delete(socket: Socket): void {
    if (!this.#heard.delete(socket)) return
    if (this.#heard.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#gone()
  }
}
