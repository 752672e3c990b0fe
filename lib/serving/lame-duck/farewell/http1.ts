import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { clearInterval, setInterval } from '../../../real-time.ts'
import { ServerCounts } from '../../drainable.ts'
import { Connection } from '../../http1/connection.ts'
import { connectionsList, type HttpSocket, type PendingResponse } from '../../http1/node-internals.ts'
import { REQUEST_EVENTS } from '../../http1/open-connections.ts'
import { Unread } from '../../http1/unread.ts'

/** How often we look at connections that were told and have ended, in milliseconds. */
const EVERY_MS = 50

/**
 * Announces the end on the HTTP/1 connections of a server that serves on: each answer says `Connection: close`, of a
 * pipeline the last. Idle connections stay as they are: there is no word for them, and a request may be on its way.
 */
export class Http1Farewell {
  readonly #told: (socket: Socket) => void
  readonly #connections = new Map<Socket, Connection>()
  /** Counts are drain's: these are thrown away. */
  readonly #counts = new ServerCounts()
  readonly #unread = new Unread()
  readonly #timer: NodeJS.Timeout
  readonly #offs: (() => void)[] = []

  constructor(server: Server, told: (socket: Socket) => void) {
    this.#told = told
    for (const { socket } of connectionsList(server)?.all() ?? []) {
      const response = socket?._httpMessage
      if (!socket || !response) continue
      this.#connection(socket).adopt()
      this.#watch(socket, response)
    }
    for (const event of REQUEST_EVENTS) {
      if (event !== 'request' && server.listenerCount(event) === 0) continue
      server.prependListener(event, this.#request)
      this.#offs.push(() => server.off(event, this.#request))
    }
    this.#timer = setInterval(() => {
      for (const connection of this.#connections.values()) connection.lookAtLinger(this.#unread)
    }, EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#unread.stop()
    for (const off of this.#offs) off()
    for (const connection of this.#connections.values()) connection.handOver()
  }

  readonly #request = (request: IncomingMessage, response: PendingResponse): void => {
    if (request.httpVersionMajor !== 1) return
    this.#connection(request.socket).request(request, response)
    this.#watch(request.socket, response)
  }

  #watch(socket: Socket, response: PendingResponse): void {
    response.once('finish', () => {
      if (!response.shouldKeepAlive) this.#told(socket)
    })
  }

  #connection(socket: HttpSocket): Connection {
    const known = this.#connections.get(socket)
    if (known) return known
    const connection = new Connection(socket, this.#counts)
    this.#connections.set(socket, connection)
    socket.once('close', () => this.#connections.delete(socket))
    return connection
  }
}
