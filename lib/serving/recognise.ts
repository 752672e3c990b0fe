import { LastcallError } from '../errors.ts'
import { show } from '../options.ts'
import type { Drainable } from './drainable.ts'
import { GRPC } from './grpc.ts'
import { HTTP1 } from './http1/http1-server.ts'
import { HTTP2 } from './http2/http2-server.ts'
import { NET } from './net/net-server.ts'

/** A kind of server that we know: how to tell it, and how to drain it. */
export interface Recognised {
  readonly looksLike: (thing: object) => boolean
  readonly drainable: (thing: object) => Drainable
}

/** The first that fits; what has a server inside comes before what is one. */
const KNOWN: readonly Recognised[] = [GRPC, HTTP2, HTTP1, NET]

/** @throws {LastcallError} ERR_LASTCALL_SERVER */
export function drainableOf(thing: unknown): Drainable {
  if ((typeof thing === 'object' || typeof thing === 'function') && thing !== null) {
    const known = KNOWN.find(({ looksLike }) => looksLike(thing))
    if (known) return known.drainable(thing)
  }
  throw new LastcallError(
    'ERR_LASTCALL_SERVER',
    `server takes a server, got ${show(thing)}. Looked for: a server of node:http, https, http2, net or tls, a ws WebSocketServer, ` +
      'a socket.io or @grpc/grpc-js server, a Fastify or Nest app. Write shutdown.server(app.listen(8080)).',
  )
}
