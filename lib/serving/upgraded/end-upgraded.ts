import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { debugLog } from '../../debug-log.ts'
import { clearInterval, performance, setInterval, setTimeout, sleep, turn } from '../../real-time.ts'
import type { DrainContext } from '../drainable.ts'
import { type WebSocketLike, webSocketOf } from './web-socket.ts'

const debug = debugLog('upgraded')

/** More than these are told one after the other: they all connect again, and at once that is a storm. */
const MANY = 100
/** The part of drain in which they are told. */
const SPREAD = 1 / 4
/** A client that was told and sends and takes nothing for so long has gone, or sleeps: it must not cost every rollout its drain. */
const SILENT_MS = 3_000
const TICK_MS = 20
/** How often a connection is looked at. */
const LOOK_MS = 200
/** From `end()` to `destroy()` at the limit, so that the last bytes leave. */
const LAST_MS = 10

/** Sends the close frame; by default at once, with 1001 and the reason of the server's options. */
export type Tell = (webSocket: WebSocketLike) => void

interface Say {
  readonly tell: Tell
  /** Of two for one socket the higher is taken, of equal ones the first. */
  readonly rank: number
}

/** Both a WebSocketServer and the server under it may name a socket: the first who does ends and counts it. */
const ending = new WeakMap<Duplex, Upgraded>()

/**
 * Ends connections that have left HTTP. WebSockets of `ws`, whichever copy of it, get a close frame: more than 100 spread
 * over the first quarter of the drain. Any other protocol goes on until it ends. What is left at the limit is destroyed.
 * Counted as `webSockets` (they were told and went), `upgraded` (of another protocol) and `destroyed` (told in vain).
 * Resolves when all are closed. May be called again for those that come later. Named twice in a turn of the event loop, a
 * socket is told what says more: `tell`, or a `closeReason`.
 */
export async function endUpgraded(sockets: Iterable<Duplex>, context: DrainContext, tell?: Tell): Promise<void> {
  const { closeReason } = context.options
  const say: Say = {
    tell: tell ?? ((webSocket) => webSocket.close(1001, closeReason ?? 'going away')),
    rank: tell ? 2 : closeReason === undefined ? 0 : 1,
  }
  const all = [...new Set(sockets)]
  for (const socket of all) ending.get(socket)?.prefer(say)
  const fresh = all.filter((socket) => !ending.has(socket)).map((socket) => new Upgraded(socket, say, context))
  for (const one of fresh) ending.set(one.socket, one)
  const open = fresh.filter((one) => one.isWebSocket)
  debug('%d WebSockets, %d of another protocol', open.length, fresh.length - open.length)
  void tellAll(open, open.length > MANY ? context.remainingMs() * SPREAD : 0)
  await Promise.all(all.map((socket) => ending.get(socket)?.gone))
}

async function tellAll(list: readonly Upgraded[], overMs: number): Promise<void> {
  await turn()
  const begin = performance.now()
  for (let next = 0; next < list.length; ) {
    const due = overMs > 0 ? Math.ceil((list.length * (performance.now() - begin + TICK_MS)) / overMs) : list.length
    for (; next < Math.min(due, list.length); next++) list[next]?.tell()
    if (next < list.length) await sleep(TICK_MS)
  }
}

class Upgraded {
  readonly socket: Duplex
  /** Resolves when it is closed and counted. */
  readonly gone: Promise<void>
  #say: Say
  readonly #context: DrainContext
  #webSocket: WebSocketLike | undefined
  #told = false
  /** We ended it before the client did. */
  #destroyed = false
  #seen = ''
  #quietMs = 0

  constructor(socket: Duplex, say: Say, context: DrainContext) {
    this.socket = socket
    this.#webSocket = webSocketOf(socket)
    this.#say = say
    this.#context = context
    this.gone = this.#closed()
  }

  get isWebSocket(): boolean {
    return this.#webSocket !== undefined
  }

  prefer(say: Say): void {
    if (say.rank > this.#say.rank) this.#say = say
  }

  tell(): void {
    const webSocket = this.#webSocket
    if (!webSocket || this.#told || this.socket.destroyed) return
    this.#told = true
    // Where the app has told it, or the client us, `ws` says nothing twice.
    this.#say.tell(webSocket)
  }

  async #closed(): Promise<void> {
    const { limit } = this.#context
    const { socket } = this
    if (socket.closed) return
    const atLimit = (): void => this.#cut()
    // A peer that resets it is no error of ours, and not every protocol listens.
    const ignore = (): void => {}
    socket.on('error', ignore)
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const watch = setInterval(() => this.#look(), LOOK_MS)
    limit.addEventListener('abort', atLimit, { once: true })
    if (limit.aborted) atLimit()
    await closed
    clearInterval(watch)
    limit.removeEventListener('abort', atLimit)
    socket.off('error', ignore)
    this.#count()
  }

  #count(): void {
    const { counts } = this.#context
    if (!this.isWebSocket) counts.connection('upgraded')
    else if (this.#destroyed) counts.connection('destroyed')
    // One that went by itself before its turn was not ended by us.
    else if (this.#told) counts.connection('webSockets')
  }

  #look(): void {
    if (!this.#webSocket) {
      // The app may still have been asking who it is.
      this.#webSocket = webSocketOf(this.socket)
      this.tell()
    }
    const now = this.#traffic()
    this.#quietMs = this.#told && now === this.#seen ? this.#quietMs + LOOK_MS : 0
    this.#seen = now
    if (this.#quietMs >= SILENT_MS) this.#destroy()
  }

  /** Bytes that came, and bytes that wait to go: in the stream, and in libuv, which takes a large write bit by bit. */
  #traffic(): string {
    const socket = this.socket as Socket & { _handle?: { writeQueueSize?: number } | null }
    return [socket.bytesRead, socket.writableLength, socket._handle?.writeQueueSize].join()
  }

  #cut(): void {
    this.tell()
    this.#destroyed = true
    this.socket.end()
    setTimeout(() => this.#destroy(), LAST_MS)
  }

  #destroy(): void {
    if (this.socket.destroyed) return
    this.#destroyed = true
    this.socket.destroy()
  }
}
