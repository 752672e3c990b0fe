import type { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

/** A server of Node, as whoever watches who sends sees it. */
export interface Wire {
  readonly server: EventEmitter & { address(): object | string | null }
  readonly protocol: 'http1' | 'http2' | 'net'
  readonly isSecure: boolean
  /** Its connections at this moment, past their handshake. */
  readonly open: () => Iterable<Line>
}

/** A connection: what a request comes on. */
export type Line = Socket | ServerHttp2Session

/** Undefined where the client has gone already. */
export function addressOf(line: Line, { server }: Wire): string | undefined {
  const { remoteAddress } = 'remoteAddress' in line ? line : (line.socket ?? {})
  return remoteAddress ?? (typeof server.address() === 'string' ? 'a unix socket' : undefined)
}
