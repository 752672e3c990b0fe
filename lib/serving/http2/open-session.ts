import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { setImmediate } from '../../real-time.ts'
import type { DrainContext } from '../drainable.ts'
import { openStreams, socketOf } from './node-internals.ts'
import { OpenStream } from './open-stream.ts'
import { tellSession } from './tell-session.ts'

/** How long a session without a stream stays open, in milliseconds; one that never sent a byte may be about to. */
const IDLE_MS = 100
const SILENT_MS = 1_000

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
  #isTold = false
  #endedAt: number | undefined
  #isCounted = false
  /** The session and its socket; which of them is first differs between the lines of Node. */
  readonly closed: Promise<unknown>

  constructor(session: ServerHttp2Session, setup: SessionSetup) {
    this.#session = session
    this.#setup = setup
    this.socket = socketOf(session)
    session.on('error', () => {})
    this.closed = Promise.all([
      whenClosed(session, session.destroyed),
      this.socket && whenClosed(this.socket, this.socket.closed),
    ])
    session.once('close', () => this.#count(this.#isSilent ? 'silent' : 'announced'))
    for (const stream of openStreams(session)) this.stream(stream)
  }

  /** A stream has begun. */
  stream(stream: ServerHttp2Stream): void {
    if (this.#streams.has(stream) || stream.destroyed) return
    const open = new OpenStream(stream, this.#setup.context, (isComplete) => {
      this.#streams.delete(stream)
      // It went with its session, which Node 20.19 destroys later than its socket. A client may also reset one stream and go on.
      if (!isComplete && (this.#session.destroyed || this.socket?.destroyed)) this.#count('left')
    })
    this.#streams.set(stream, open)
  }

  /** Whether it is to be told now: a client that is between two requests is told with its next one, so that none is refused. */
  isUntold(now: number): boolean {
    if (this.#isTold) return false
    const idleMs = this.#isSilent ? SILENT_MS : (this.#setup.context.options.idleMs ?? IDLE_MS)
    return this.#streams.size > 0 || now - this.#since >= idleMs
  }

  /** A stream has begun just now: it is told when those that came with it have begun, too. */
  tellSoon(): void {
    if (!this.#isTold) setImmediate(() => this.tell())
  }

  tell(): void {
    this.#isTold = true
    tellSession(this.#session)
  }

  /** Called now and then: what had arrived by `readAt` has been read. */
  look(readAt: number): void {
    const { context, webSockets } = this.#setup
    const reason = context.options.closeReason ?? 'going away'
    for (const [stream, open] of this.#streams) {
      open.endIfEndless(webSockets.has(stream), reason)
      if (open.timeOut(readAt, this.socket?.bytesRead ?? 0) && this.#streams.size === 1) this.#count('halfSent')
    }
    const now = monotonicNow()
    // The session has left its socket, which has said its end: now it is the client's turn.
    if (!this.#session.destroyed || !this.socket?.writableFinished) return
    this.#endedAt ??= now
    if (now - this.#endedAt >= LINGER_MS) this.socket.destroy()
  }

  /** The limit: tells each stream that it was cut, and ends the connection when that is on its way. */
  cut(): void {
    const streams = [...this.#streams.values()]
    const are = (what: 'isStalled' | 'isHalfSent'): boolean => streams.length > 0 && streams.every((one) => one[what])
    this.#count(are('isStalled') ? 'stalled' : are('isHalfSent') ? 'halfSent' : 'destroyed')
    for (const stream of streams) stream.countCut()
    if (this.#setup.cutBy === 'drop') return void this.socket?.destroy()
    for (const stream of streams) stream.reset()
    setImmediate(() => {
      this.#session.destroy()
      // `end` was called by the session: the resets are out, or the client takes nothing.
      setImmediate(() => this.socket?.destroy())
    })
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

function whenClosed(thing: ServerHttp2Session | Socket, isClosed: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isClosed) resolve()
    else thing.once('close', () => resolve())
  })
}
