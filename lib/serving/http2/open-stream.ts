import type { ServerHttp2Stream } from 'node:http2'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'

/** The code of a close frame that says that the server goes away: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1. */
const GOING_AWAY = 1001
const CLOSE_FRAME = 0x88

/** NO_ERROR: the client got all of the answer. */
const NO_ERROR = 0

/** How long the client may keep its side of an ended WebSocket open, in milliseconds. */
const LINGER_MS = 1_000

/** One stream while drain runs: its handler has begun. */
export class OpenStream {
  readonly #stream: ServerHttp2Stream
  readonly #counts: ServerCounts
  /** By us. */
  #endedAt: number | undefined

  constructor(stream: ServerHttp2Stream, counts: ServerCounts, closed: (isComplete: boolean) => void) {
    this.#stream = stream
    this.#counts = counts
    // Node 26 fails streams of a closing session with ERR_HTTP2_ERROR, and unhandled that would end the process.
    stream.on('error', () => {})
    stream.once('close', () => {
      const isAnswered = !stream.aborted && stream.rstCode === NO_ERROR && stream.headersSent
      if (this.#endedAt === undefined && isAnswered) counts.finished++
      closed(this.#endedAt !== undefined || isAnswered)
    })
  }

  /** Ends an answer that has no end of its own: an event stream, a WebSocket by extended CONNECT. Called now and then. */
  endIfEndless(isWebSocket: boolean, closeReason: string): void {
    const stream = this.#stream
    if (this.#endedAt !== undefined) {
      if (monotonicNow() - this.#endedAt >= LINGER_MS && !stream.closed) stream.close()
      return
    }
    if (!stream.headersSent || stream.writableEnded || stream.destroyed) return
    if (isWebSocket) {
      stream.write(closeFrame(closeReason))
      this.#counts.connection('webSockets')
    } else if (/^text\/event-stream\b/i.test(String(stream.sentHeaders?.['content-type'] ?? ''))) {
      this.#counts.connection('eventStreams')
    } else return
    this.#endedAt = monotonicNow()
    stream.end()
  }

  /** Counts it as cut, where it is. */
  countCut(): void {
    if (this.#endedAt === undefined && !this.isStalled) this.#counts.cut++
    this.#endedAt ??= monotonicNow()
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
