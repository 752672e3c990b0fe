import type { ServerHttp2Stream } from 'node:http2'
import { monotonicNow } from '../../clock/deadline.ts'
import type { DrainContext } from '../drainable.ts'
import { HALF_BODY_MS } from '../http1/sweep.ts'
import { endEndless, endlessStream } from '../long-lived.ts'
import { requestOf } from './node-internals.ts'

/** The code of a close frame that says that the server goes away: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1. */
const GOING_AWAY = 1001
const CLOSE_FRAME = 0x88

/** NO_ERROR: the client got all of the answer. */
const NO_ERROR = 0

/** Of calls whose client sends when it likes: gRPC, gRPC-Web, Connect. */
const STREAMING = /^application\/(grpc|connect\+)/i

/** How long the client may keep its side of an ended WebSocket open, in milliseconds. */
const LINGER_MS = 1_000

/** One stream while drain runs: its handler has begun. */
export class OpenStream {
  readonly #stream: ServerHttp2Stream
  readonly #context: DrainContext
  /** It has no end of its own, or was cut: we end it. */
  #isOurs = false
  #endedAt: number | undefined
  /** Of its connection, and when that changed. */
  #bytesRead = -1
  #heardAt = 0

  constructor(stream: ServerHttp2Stream, context: DrainContext, closed: (isComplete: boolean) => void) {
    this.#stream = stream
    this.#context = context
    // Node 26 fails streams of a closing session with ERR_HTTP2_ERROR, and unhandled that would end the process.
    stream.on('error', () => {})
    stream.once('close', () => {
      const isAnswered = !stream.aborted && stream.rstCode === NO_ERROR && stream.headersSent
      if (!this.#isOurs && isAnswered) context.counts.finished++
      closed(this.#isOurs || isAnswered)
    })
  }

  /** Ends an answer that has no end of its own: an event stream, a WebSocket by extended CONNECT. Called now and then. */
  endIfEndless(isWebSocket: boolean, closeReason: string): void {
    const stream = this.#stream
    if (this.#endedAt !== undefined && monotonicNow() - this.#endedAt >= LINGER_MS && !stream.closed) stream.close()
    if (this.#isOurs || stream.writableEnded || stream.destroyed) return
    if (isWebSocket) {
      // The app may still refuse it.
      if (!stream.headersSent) return
      this.#isOurs = true
      this.#context.counts.connection('webSockets')
      stream.write(closeFrame(closeReason))
      stream.end()
      this.#endedAt = monotonicNow()
    } else if (endlessStream(stream, requestOf(stream)?.method)) {
      this.#isOurs = true
      void endEndless(stream, this.#context).then(() => {
        this.#endedAt = monotonicNow()
      })
    }
  }

  /**
   * A request whose rest does not come is told so, by 408, and is over; true where that was done. Called now and then, when
   * what had arrived by `now` was read; `bytesRead` is its connection's.
   */
  timeOut(now: number, bytesRead: number): boolean {
    if (bytesRead !== this.#bytesRead || !this.#awaitsBody) {
      this.#bytesRead = bytesRead
      this.#heardAt = now
    }
    if (now - this.#heardAt < HALF_BODY_MS) return false
    this.#isOurs = true
    const request = requestOf(this.#stream)
    // Not with `endStream`: then the app would read an end, and take half a body for a whole one.
    this.#stream.respond({ ':status': 408 })
    this.#stream.close(NO_ERROR)
    request?.destroy()
    return true
  }

  /** Somebody reads, there is nothing to read, and the answer has not begun. Where we do not see the request it may be a call. */
  get #awaitsBody(): boolean {
    const stream = this.#stream
    if (this.#isOurs || !this.isHalfSent || stream.headersSent || stream.destroyed || stream.closed) return false
    const request = requestOf(stream)
    if (!request || STREAMING.test(String(request.headers['content-type']))) return false
    const isRead = stream.readableFlowing === true || stream.listenerCount('readable') > 0
    return isRead && stream.readableLength === 0
  }

  /** Counts it as cut, where it is. */
  countCut(): void {
    if (!this.#isOurs && !this.isStalled && !this.isHalfSent) this.#context.counts.cut++
    this.#isOurs = true
  }

  /** The client has not sent all of its request. */
  get isHalfSent(): boolean {
    return !this.#stream.endAfterHeaders && this.#stream.state.remoteClose !== 1
  }

  /** The answer is written, or as much of it as the client takes: whoever does not read holds it up. */
  get isStalled(): boolean {
    const { writableEnded, writableNeedDrain } = this.#stream
    return writableEnded || writableNeedDrain
  }

  /** With an error, or the client reads a whole answer: without one a stream is ended as if it were complete. */
  reset(): void {
    this.#stream.destroy(new Error("drain's time is over"))
  }
}

function closeFrame(reason: string): Buffer {
  const text = Buffer.from(reason)
  return Buffer.concat([Buffer.from([CLOSE_FRAME, 2 + text.length, GOING_AWAY >> 8, GOING_AWAY & 0xff]), text])
}
