import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { DrainContext } from '../drainable.ts'
import { openStreams, socketOf } from './node-internals.ts'
import { OpenStream } from './open-stream.ts'

/** NO_ERROR, and the highest stream there can be: "go elsewhere from now on", and nothing is refused yet. */
const NOTICE = [0, 2 ** 31 - 1] as const

/** How long a client has to answer our ping, in milliseconds, where streams are in flight and where none is. */
const ANSWER_MS = 500
const IDLE_ANSWER_MS = 100
/** One that never sent a byte may be about to send its first. */
const SILENT_MS = 1_000

/** An answer to a ping goes before the requests that the client has queued; in milliseconds. */
const QUEUED_MS = 20

/** How long the client has to close its side behind our end, in milliseconds. */
const LINGER_MS = 1_000

export interface SessionSetup {
  readonly context: DrainContext
  /** Streams that are WebSockets. */
  readonly webSockets: { has(stream: ServerHttp2Stream): boolean }
  /** How a client hears at the limit: each stream is reset, or the connection is gone. */
  readonly cutBy: 'reset' | 'drop'
}

/** One HTTP/2 session while drain runs. */
export class OpenSession {
  readonly #session: ServerHttp2Session
  readonly #setup: SessionSetup
  readonly socket: Socket | undefined
  readonly #streams = new Map<ServerHttp2Stream, OpenStream>()
  readonly #since = monotonicNow()
  #close = (): void => {}
  #toldAt: number | undefined
  #answeredAt: number | undefined
  #endedAt: number | undefined
  #isCounted = false

  constructor(session: ServerHttp2Session, setup: SessionSetup) {
    this.#session = session
    this.#setup = setup
    this.socket = socketOf(session)
    session.on('error', () => {})
    session.once('close', () => this.#count(this.#isSilent ? 'silent' : 'announced'))
    for (const stream of openStreams(session)) this.stream(stream)
  }

  /** A stream has begun. */
  stream(stream: ServerHttp2Stream): void {
    if (this.#streams.has(stream) || stream.destroyed) return
    const open = new OpenStream(stream, this.#setup.context.counts, (isComplete) => {
      this.#streams.delete(stream)
      // It went with its session. A client may also reset one stream and go on.
      if (!isComplete && this.#session.destroyed) this.#count('left')
    })
    this.#streams.set(stream, open)
  }

  /** Whether it is to be told now: a client that has not sent a byte may be about to send its first request. */
  get isUntold(): boolean {
    if (this.#toldAt !== undefined) return false
    return !this.#isSilent || monotonicNow() - this.#since >= SILENT_MS
  }

  /**
   * GOAWAY in two steps (https://www.rfc-editor.org/rfc/rfc9113#section-6.8): the notice refuses nothing. When the client
   * has answered the ping behind it, what it had sent before has come, and the second names the last stream.
   */
  tell(): void {
    this.#toldAt = monotonicNow()
    const session = this.#session
    if (session.destroyed || session.closed) return
    session.goaway(...NOTICE)
    session.ping((error) => {
      if (!error) this.#answeredAt ??= monotonicNow()
    })
    // Node's client says GOAWAY itself when it hears ours, before the requests that it has queued; and Node's server closes
    // the session then, and refuses them. The session is closed a moment later, by us.
    this.#close = session.close.bind(session)
    session.close = (callback) => void (callback && session.once('close', callback))
  }

  /** Called now and then. */
  look(): void {
    const { context, webSockets } = this.#setup
    const reason = context.options.closeReason ?? 'going away'
    for (const [stream, open] of this.#streams) open.endIfEndless(webSockets.has(stream), reason)
    const now = monotonicNow()
    if (this.#isDue(now)) this.#close()
    // The session has left its socket, which has said its end: now it is the client's turn.
    if (!this.#session.destroyed || !this.socket?.writableFinished) return
    this.#endedAt ??= now
    if (now - this.#endedAt >= LINGER_MS) this.socket.destroy()
  }

  /** The limit: tells each stream that it was cut, and ends the connection when that is on its way. */
  cut(): void {
    const streams = [...this.#streams.values()]
    this.#count(streams.length > 0 && streams.every(({ isStalled }) => isStalled) ? 'stalled' : 'destroyed')
    for (const stream of streams) stream.countCut()
    if (this.#setup.cutBy === 'drop') return void this.socket?.destroy()
    for (const stream of streams) stream.reset()
    setImmediate(() => {
      this.#session.destroy()
      // `end` was called by the session: the resets are out, or the client takes nothing.
      setImmediate(() => this.socket?.destroy())
    })
  }

  /** Whether all that the client sent before it heard of the end has come. */
  #isDue(now: number): boolean {
    if (this.#toldAt === undefined || this.#session.closed || this.#session.destroyed) return false
    if (this.#answeredAt !== undefined) return now - this.#answeredAt >= QUEUED_MS
    // Node's client often keeps its answer back until it hears more.
    return this.#isSilent || now - this.#toldAt >= (this.#streams.size > 0 ? ANSWER_MS : IDLE_ANSWER_MS)
  }

  get #isSilent(): boolean {
    return this.socket?.bytesRead === 0
  }

  #count(how: Parameters<DrainContext['counts']['connection']>[0]): void {
    if (this.#isCounted) return
    this.#isCounted = true
    this.#setup.context.counts.connection(how)
  }
}
