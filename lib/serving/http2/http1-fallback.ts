import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { DrainContext } from '../drainable.ts'

/** A socket of Node's HTTP/1 server; nothing of this is documented. */
interface HttpSocket extends Socket {
  _httpMessage?: ServerResponse | null
}

interface ConnectionsList {
  all(): readonly { readonly socket?: HttpSocket | null }[]
}

/** How long an idle connection stays open, and how long a client may take to close its side; in milliseconds. */
const IDLE_MS = 500
const LINGER_MS = 1_000

/** The HTTP/1 connections of an HTTP/2 server with `allowHTTP1`. */
export class Http1Fallback {
  readonly #context: DrainContext
  readonly #closed: () => void
  readonly #connections = new Map<Socket, Http1Connection>()

  constructor(context: DrainContext, closed: () => void) {
    this.#context = context
    this.#closed = closed
  }

  get size(): number {
    return this.#connections.size
  }

  sockets(): Iterable<Socket> {
    return this.#connections.keys()
  }

  /** What Node lists at drain's begin. */
  adoptAll(server: object): void {
    for (const { socket } of connectionsList(server)?.all() ?? []) if (socket) this.adopt(socket)
  }

  adopt(socket: Socket): Http1Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection = new Http1Connection(socket, this.#context)
    this.#connections.set(socket, connection)
    socket.once('close', () => {
      this.#connections.delete(socket)
      this.#closed()
    })
    return connection
  }

  /** Before the app's own listeners. */
  request(request: IncomingMessage, response: ServerResponse): void {
    this.adopt(request.socket).request(response)
  }

  look(): void {
    for (const connection of this.#connections.values()) connection.look()
  }

  cut(): void {
    for (const connection of this.#connections.values()) connection.cut()
  }
}

class Http1Connection {
  readonly #socket: HttpSocket
  readonly #context: DrainContext
  readonly #pending = new Set<ServerResponse>()
  #quietSince = monotonicNow()
  #bytesRead: number
  #endedAt: number | undefined

  constructor(socket: HttpSocket, context: DrainContext) {
    this.#socket = socket
    this.#context = context
    this.#bytesRead = socket.bytesRead
    // Node calls it after a response that says `Connection: close`.
    socket.destroySoon = () => this.#end('announced')
    if (socket._httpMessage) this.request(socket._httpMessage)
  }

  request(response: ServerResponse): void {
    if (this.#pending.has(response)) return
    this.#pending.add(response)
    if (!response.headersSent) response.shouldKeepAlive = false
    response.once('finish', () => {
      this.#pending.delete(response)
      this.#context.counts.finished++
      this.#quietSince = monotonicNow()
    })
    response.once('close', () => {
      if (this.#pending.delete(response)) this.#count('left')
    })
  }

  look(): void {
    const now = monotonicNow()
    if (this.#endedAt !== undefined) {
      if (this.#socket.writableFinished && now - this.#endedAt >= LINGER_MS) this.#socket.destroy()
      return
    }
    if (this.#socket.bytesRead !== this.#bytesRead || this.#pending.size > 0) {
      this.#bytesRead = this.#socket.bytesRead
      this.#quietSince = now
    }
    if (now - this.#quietSince >= (this.#context.options.idleMs ?? IDLE_MS)) this.#end('idle')
  }

  cut(): void {
    const isStalled = this.#socket.writableNeedDrain || [...this.#pending].some(({ writableEnded }) => writableEnded)
    if (!isStalled) this.#context.counts.cut += this.#pending.size
    this.#count(isStalled ? 'stalled' : 'destroyed')
    this.#pending.clear()
    this.#socket.destroy()
  }

  #end(how: 'announced' | 'idle'): void {
    if (this.#endedAt !== undefined) return
    this.#endedAt = monotonicNow()
    this.#count(how)
    this.#socket.resume()
    this.#socket.end()
  }

  #isCounted = false

  #count(how: Parameters<DrainContext['counts']['connection']>[0]): void {
    if (this.#isCounted) return
    this.#isCounted = true
    this.#context.counts.connection(how)
  }
}

/** Node's own list of HTTP/1 connections; undefined where it cannot be found. */
function connectionsList(server: object): ConnectionsList | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find((one) => one.description === 'http.server.connections')
  const list = symbol && (server as unknown as Record<symbol, Partial<ConnectionsList> | undefined>)[symbol]
  return typeof list?.all === 'function' ? (list as ConnectionsList) : undefined
}
