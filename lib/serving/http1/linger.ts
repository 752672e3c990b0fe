import { monotonicNow } from '../../clock/deadline.ts'
import type { HttpSocket } from './node-internals.ts'
import { refuseRequests } from './refuse-requests.ts'
import type { Unread } from './unread.ts'

/** How long we read on behind our last byte, in milliseconds. */
const LINGER_MS = 1_000
/** A client that takes nothing for so long has gone, or sleeps: what it has not read is the kernel's to send. */
const STALLED_MS = 3_000

/**
 * The end of a connection that loses no answer: `end()`, and what still comes is read and thrown away until the client has
 * closed its side. A socket that is closed with unread bytes is reset by the kernel, and the client loses what it has not
 * read: https://www.rfc-editor.org/rfc/rfc9112#section-9.6.
 */
export class Linger {
  readonly #socket: HttpSocket
  #finishedAt: number | undefined
  #unread = 0
  /** Since when the client has taken nothing, as far as we know. */
  #stalledAt: number | undefined

  constructor(socket: HttpSocket, refused: () => void) {
    this.#socket = socket
    refuseRequests(socket, () => true, refused)
    socket.once('end', () => this.#endIfOver())
    if (socket.writableFinished) this.#finished()
    else socket.once('finish', () => this.#finished())
    // First: the body of a request that was answered early may have been paused.
    socket.resume()
    if (socket.writable) socket.end()
    // Node's server ends it again when the client has, and each time would make an error, stack and all, that nobody sees.
    socket.end = () => socket
  }

  /** Called now and then: ends it when the client had its time, and has taken everything. */
  look(unread: Unread): void {
    const now = monotonicNow()
    if (this.#finishedAt === undefined || now - this.#finishedAt < LINGER_MS) return
    const bytes = unread.bytes(this.#socket, this.#finishedAt)
    this.#stalledAt ??= now
    // As long as it is not known it may be as before, and must not cost the client its end.
    if (bytes !== undefined && bytes !== this.#unread) {
      this.#unread = bytes
      this.#stalledAt = now
    }
    if (bytes === 0 || now - this.#stalledAt >= STALLED_MS) this.#socket.destroy()
  }

  #finished(): void {
    this.#finishedAt = monotonicNow()
    this.#endIfOver()
  }

  /** Both sides are over. */
  #endIfOver(): void {
    if (this.#finishedAt !== undefined && this.#socket.readableEnded) this.#socket.destroy()
  }
}
