import type { IncomingMessage } from 'node:http'
import { monotonicNow } from '../../clock/deadline.ts'
import type { DrainContext, ServerCounts } from '../drainable.ts'
import { endEndless, endless } from '../long-lived.ts'
import { Linger } from './linger.ts'
import { saysNoKeepAlive } from './no-keep-alive.ts'
import type { HttpSocket, PendingResponse } from './node-internals.ts'
import { Chunk } from './pipelined.ts'
import { refuseRequests } from './refuse-requests.ts'
import type { Unread } from './unread.ts'

const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** One HTTP/1 connection while drain runs. */
export class Connection {
  readonly socket: HttpSocket
  readonly #counts: ServerCounts
  readonly #chunk = new Chunk()
  /** Responses that are not complete, the newest last; of a pipeline that was there before us only those that we saw. */
  readonly pending = new Set<PendingResponse>()
  readonly #endless = new Set<PendingResponse>()
  /** The one that tells the client; its `shouldKeepAlive` was ours to change. */
  #announced: PendingResponse | undefined
  /** Another one announces now. */
  #isOver = false
  #isGuarded = false
  #linger: Linger | undefined
  /** How the connection ends, once that is known. */
  #isCounted = false
  #bytesRead: number
  /** When a byte came, or a response went out; the drain's begin at first. */
  #lastAt = monotonicNow()

  constructor(socket: HttpSocket, counts: ServerCounts) {
    this.socket = socket
    this.#counts = counts
    this.#bytesRead = socket.bytesRead
    // The announced end of a connection: Node calls this after a response that says `Connection: close`.
    socket.destroySoon = () => this.end('announced')
  }

  /** At drain's begin: what is in flight already. */
  adopt(): void {
    const response = this.socket._httpMessage
    if (!response) return
    this.#watch(response)
    // In a pipeline the newest is the one to tell; it is not known until it is sent.
    if (response.req === this.socket.parser?.incoming) this.#announce(response)
  }

  /** A request has come; called before the app's listeners. */
  request(request: IncomingMessage, response: PendingResponse): void {
    this.#takeBack()
    this.#announced = undefined
    this.#watch(response)
    if (!this.#chunk.goesOnBehind(request, this.socket)) this.#announce(response)
  }

  #announce(response: PendingResponse): void {
    // Where it is false already the client knows.
    if (this.#isOver || response.headersSent || !response.shouldKeepAlive) return
    response.shouldKeepAlive = false
    this.#announced = response
    saysNoKeepAlive(response, () => this.#announced === response)
    if (this.#isGuarded) return
    this.#isGuarded = true
    refuseRequests(this.socket, () => this.#hasSaidTheEnd, this.#refused)
  }

  /** Behind the newest request another one has begun to come: that one is the last, and is to say so. */
  nextHasBegun(): void {
    const last = this.#announced
    if (last?.req.complete) this.#takeBack()
  }

  /**
   * The lame duck ends, and drain has a `Connection` of its own: it announces anew. What is not said yet it could not take
   * back where another request comes, which would be begun, and its answer dropped. What is said still refuses here.
   */
  handOver(): void {
    this.#isOver = true
    this.#takeBack()
  }

  /** As long as its head is not out the client does not know. */
  #takeBack(): void {
    const last = this.#announced
    if (!last || last.headersSent) return
    last.shouldKeepAlive = true
    this.#announced = undefined
  }

  /** Its head is out, and says that no more is answered: a `shouldKeepAlive` that somebody has set to true again does not. */
  get #hasSaidTheEnd(): boolean {
    return Boolean(this.#announced?.headersSent && !this.#announced.shouldKeepAlive)
  }

  readonly #refused = (): void => {
    this.#counts.refusedLate++
  }

  #watch(response: PendingResponse): void {
    if (this.pending.has(response)) return
    this.pending.add(response)
    response.once('finish', () => {
      // Node says so of an answer that has lost its connection, too.
      if (this.socket.destroyed && !this.socket.writableFinished) return
      this.pending.delete(response)
      if (!this.#endless.has(response)) this.#counts.finished++
      this.#lastAt = monotonicNow()
      // Node's own listener came first: the next of the pipeline is being sent now.
      const next = this.socket._httpMessage
      if (!next || this.pending.has(next)) return
      this.#watch(next)
      if (next.req === this.socket.parser?.incoming) this.#announce(next)
    })
  }

  /** Answers that never end by themselves are ended now, each once. */
  endEndless(context: DrainContext): void {
    for (const response of this.pending) {
      if (this.#endless.has(response) || !endless(response)) continue
      this.#endless.add(response)
      void endEndless(response, context, (end) => this.count(end))
    }
  }

  /** It has left HTTP: somebody else ends and counts it. */
  leave(): void {
    this.#isCounted = true
    Reflect.deleteProperty(this.socket, 'destroySoon')
  }

  /** Looks whether a byte has come. */
  look(): boolean {
    const { bytesRead } = this.socket
    if (bytesRead === this.#bytesRead) return false
    this.#bytesRead = bytesRead
    this.#lastAt = monotonicNow()
    return true
  }

  /** When something came or went, as far as we looked. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** A handler has begun, and its answer is not complete. */
  get isBusy(): boolean {
    return this.pending.size > 0 || Boolean(this.socket._httpMessage)
  }

  get isSilent(): boolean {
    return this.socket.bytesRead === 0
  }

  /** It has left HTTP: a WebSocket, a tunnel. */
  get isUpgraded(): boolean {
    return !this.socket.parser && !this.isEnding && !this.socket.destroyed
  }

  get isEnding(): boolean {
    return this.#linger !== undefined
  }

  /** The head of a request has come, and no response of it has begun. */
  looksHalfRead(): boolean {
    this.look()
    const { parser, _httpMessage: response } = this.socket
    // Of a pipeline the newest may be half there, and another is being answered.
    const isNewest = response && response.req === parser?.incoming
    const isHalf = Boolean(isNewest && !response.headersSent && !response.req.complete)
    // Nothing can come where nobody reads, and nothing will where the client waits to be told to go on.
    if (isHalf && (this.socket.isPaused() || awaitsContinue(response))) this.#lastAt = monotonicNow()
    return isHalf
  }

  /** Ends it: says so in TCP, and reads on until the client has read everything. */
  end(how: Parameters<ServerCounts['connection']>[0]): void {
    if (this.#linger) return
    this.count(how)
    this.#linger = new Linger(this.socket, this.#refused)
  }

  /** A client that began a request and did not go on. */
  timeOut(): void {
    this.count('halfSent')
    this.pending.clear()
    // One that was answered before its body had come has been told all there is.
    if (this.socket._httpMessage || this.socket.parser?.incoming?.complete !== false) this.socket.write(TIMED_OUT)
    this.end('halfSent')
  }

  lookAtLinger(unread: Unread): void {
    this.#linger?.look(unread)
  }

  /** The limit. A request is cut where it had come whole, its handler had begun, and the client was reading. */
  cut(): void {
    // Of a pipeline only the first is being sent: one that is answered behind it waits for the app, not for the client.
    const isStalled = this.socket.writableNeedDrain || Boolean(this.socket._httpMessage?.writableEnded)
    if (this.pending.size > 0 && !isStalled) {
      const whole = [...this.pending].filter(({ req }) => req.complete)
      this.#counts.cut += whole.length
      this.count(whole.length > 0 ? 'destroyed' : 'halfSent')
    }
    this.count(isStalled ? 'stalled' : 'destroyed')
    this.socket.destroy()
  }

  count(how: Parameters<ServerCounts['connection']>[0]): void {
    if (this.#isCounted) return
    this.#isCounted = true
    this.#counts.connection(how)
  }

  /** It is closed: by us, by the client, or by the app. */
  closed(): void {
    if (this.pending.size > 0 && this.#clientLeft) this.count('left')
  }

  /** By an end or an error: an app that destroys it does so without either, or with the error that it gave to either side. */
  get #clientLeft(): boolean {
    const { readableEnded, errored } = this.socket
    const byApp = [...this.pending].some(({ errored: own, req }) => own === errored || req.errored === errored)
    return readableEnded || (errored != null && !byApp)
  }
}

/** The client sends no body before `100 Continue`, which an app with a listener of `checkContinue` sends by itself. */
function awaitsContinue(response: PendingResponse | null | undefined): boolean {
  return response?.req.headers.expect?.toLowerCase() === '100-continue' && !response._sent100
}
