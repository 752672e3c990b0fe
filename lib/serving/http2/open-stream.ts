import type { ServerHttp2Stream } from 'node:http2'
import type { ServerCounts } from '../drainable.ts'

/** The code of a close frame that says that the server goes away: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1. */
const GOING_AWAY = 1001
const CLOSE_FRAME = 0x88

/** NO_ERROR: the client got all of the answer. */
const NO_ERROR = 0

/** One stream while drain runs: its handler has begun. */
export class OpenStream {
  readonly #stream: ServerHttp2Stream
  readonly #counts: ServerCounts
  /** By us. */
  #isEnded = false

  constructor(stream: ServerHttp2Stream, counts: ServerCounts, closed: (isComplete: boolean) => void) {
    this.#stream = stream
    this.#counts = counts
    // Node 26 fails streams of a closing session with ERR_HTTP2_ERROR, and unhandled that would end the process.
    stream.on('error', () => {})
    stream.once('close', () => {
      const isAnswered = !stream.aborted && stream.rstCode === NO_ERROR && stream.headersSent
      if (!this.#isEnded && isAnswered) counts.finished++
      closed(this.#isEnded || isAnswered)
    })
  }

  /** Ends an answer that has no end of its own: an event stream, a WebSocket by extended CONNECT. */
  endIfEndless(closeReason: string): void {
    const stream = this.#stream
    if (this.#isEnded || !stream.headersSent || stream.writableEnded || stream.destroyed) return
    if (protocolOf(stream) === 'websocket') {
      stream.write(closeFrame(closeReason))
      this.#counts.connection('webSockets')
    } else if (/^text\/event-stream\b/i.test(String(stream.sentHeaders?.['content-type'] ?? ''))) {
      this.#counts.connection('eventStreams')
    } else return
    this.#isEnded = true
    stream.end()
  }

  /** The answer is written, or as much of it as the client takes: whoever does not read holds it up. */
  get isStalled(): boolean {
    const { writableEnded, writableNeedDrain } = this.#stream
    return writableEnded || writableNeedDrain
  }

  /**
   * The limit. With an error, or the client reads a whole answer: a stream that is destroyed or closed without one ends
   * as if it were complete.
   */
  cut(): void {
    if (!this.#isEnded && !this.isStalled) this.#counts.cut++
    this.#isEnded = true
    this.#stream.destroy(new Error("drain's time is over"))
  }
}

function protocolOf(stream: ServerHttp2Stream): unknown {
  return (stream as ServerHttp2Stream & { readonly protocol?: unknown }).protocol
}

function closeFrame(reason: string): Buffer {
  const text = Buffer.from(reason)
  return Buffer.concat([Buffer.from([CLOSE_FRAME, 2 + text.length, GOING_AWAY >> 8, GOING_AWAY & 0xff]), text])
}
