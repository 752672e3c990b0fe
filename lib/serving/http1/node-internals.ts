import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { clearInterval } from '../../real-time.ts'

/*
 * What Node's HTTP server keeps on its sockets. Nothing of it is documented; it is the same on Node 20 to 26, and tests
 * on each line say so. By it nothing has to be done for a request before drain begins.
 */

/** A socket of an HTTP/1 server. */
export interface HttpSocket extends Socket {
  /** null or undefined: the socket has left HTTP, by an upgrade or by CONNECT. */
  parser?: HttpParser | null
  /** The response that is being sent; those behind it in a pipeline are known to nobody. */
  _httpMessage?: PendingResponse | null
}

export interface HttpParser {
  /** The newest request on the connection; null when its response is out. */
  incoming?: IncomingMessage | null
  /** Called with each request whose head is complete; returns how to treat its body, 0: as usual. */
  onIncoming?: ((request: IncomingMessage, keepAlive: boolean) => number) | null
  /** The chunk that is being parsed. */
  getCurrentBuffer?(): Uint8Array | undefined
  socket?: HttpSocket | null
}

export interface PendingResponse extends ServerResponse<IncomingMessage> {
  /** `100 Continue` was sent. */
  readonly _sent100?: boolean
}

export interface ConnectionsList {
  all(): readonly HttpParser[]
  /** No message has begun on them. */
  idle(): readonly HttpParser[]
  /** On them a message has begun, and is not complete; or no byte has ever come. */
  active?(): readonly HttpParser[]
}

/** Node's own list of HTTP/1 connections; undefined where it cannot be found. */
export function connectionsList(server: Server): ConnectionsList | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find((one) => one.description === 'http.server.connections')
  const list = symbol && (server as unknown as Record<symbol, Partial<ConnectionsList> | undefined>)[symbol]
  return typeof list?.all === 'function' && typeof list.idle === 'function' ? (list as ConnectionsList) : undefined
}

/**
 * Node looks at the connections of a server for its `headersTimeout`, and its own `close` ends that; without one the timer
 * would hold the server in memory. It is set anew when the server listens again.
 */
export function endTimeoutChecks(server: object): void {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connectionsCheckingInterval',
  )
  clearInterval(symbol && (server as Record<symbol, NodeJS.Timeout | undefined>)[symbol])
}
