import { LastcallError } from '../errors.ts'
import { show } from '../options.ts'
import { FASTIFY } from './apps/fastify.ts'
import { EXPRESS, KOA } from './apps/listening-app.ts'
import { NEST } from './apps/nest.ts'
import type { Drainable } from './drainable.ts'
import type { Drainables } from './drainables.ts'
import { GRPC } from './grpc.ts'
import { HTTP1 } from './http1/http1-server.ts'
import { HTTP2 } from './http2/http2-server.ts'
import { NET } from './net/net-server.ts'
import { SOCKET_IO } from './upgraded/socket-io.ts'
import { WS } from './upgraded/ws-server.ts'

/** A kind of server that we know: how to tell it, and how to drain it. */
export interface Recognised {
  readonly looksLike: (thing: object) => boolean
  /** `inner` is asked for the servers that it has inside. */
  readonly drainable: (thing: object, inner: Inner) => Drainable
}

/** The servers inside others: each is drained once, also where it is registered by itself. */
export type Inner = Pick<Drainables, 'of' | 'knows'>

/** The first that fits; what has a server inside comes before what is one. */
const KNOWN: readonly Recognised[] = [SOCKET_IO, WS, GRPC, FASTIFY, NEST, KOA, EXPRESS, HTTP2, HTTP1, NET]
/** They have hooks to close besides: a resource, too, where another one drains their server. */
const CLOSES_MORE: readonly Recognised[] = [FASTIFY, NEST]

/** Whether it is a server and nothing else. A Fastify app is thenable until it is ready: nobody has listened by it yet. */
export function isServer(thing: object): boolean {
  try {
    const known = KNOWN.find(({ looksLike }) => looksLike(thing))
    if (known === undefined || !CLOSES_MORE.includes(known)) return known !== undefined
    return typeof (thing as { then?: unknown }).then === 'function'
  } catch {
    // It may be anything, and its getters may throw.
    return false
  }
}

/** @throws {LastcallError} ERR_LASTCALL_SERVER */
export function drainableOf(thing: unknown, inner: Inner): Drainable {
  if ((typeof thing === 'object' || typeof thing === 'function') && thing !== null) {
    const known = KNOWN.find(({ looksLike }) => looksLike(thing))
    if (known) return known.drainable(thing, inner)
  }
  if (typeof (thing as { then?: unknown } | null | undefined)?.then === 'function') {
    throw new LastcallError(
      'ERR_LASTCALL_SERVER',
      'server takes a server, got a promise. Await it first; of a Fastify or Nest app pass the app itself: shutdown.server(app).',
    )
  }
  // As hook, resource and consumer have it.
  if (typeof thing === 'string') {
    throw new LastcallError(
      'ERR_LASTCALL_SERVER',
      `server takes a server first, got ${show(thing)}. A name is an option: shutdown.server(server, { name: ${show(thing)} }).`,
    )
  }
  throw new LastcallError(
    'ERR_LASTCALL_SERVER',
    `server takes a server, got ${show(thing)}. Looked for: a server of node:http, https, http2, net or tls, a ws WebSocketServer, ` +
      'a socket.io or @grpc/grpc-js server, a Fastify, Nest, Koa or Express app. Write shutdown.server(app.listen(8080)).',
  )
}
