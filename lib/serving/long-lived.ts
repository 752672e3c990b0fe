import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Writable } from 'node:stream'
import { debugLog } from '../debug-log.ts'
import { LastcallError } from '../errors.ts'
import type { ConnectionEnd } from '../hooks/traffic-report.ts'
import { show } from '../options.ts'
import { sleep } from '../real-time.ts'
import type { DrainContext } from './drainable.ts'

const debug = debugLog('long-lived')

/** Called with the response when drain begins, to say goodbye on it; then it is ended. */
export type OnStopping = (response: ServerResponse) => unknown

/** The part of drain that a goodbye may take. */
const GOODBYE = 1 / 4
const ENDLESS = /^(text\/event-stream|multipart\/x-mixed-replace)\b/i
/** What `writeHead` was given is kept nowhere but in the head as it was sent. */
const ENDLESS_IN_HEAD = /^content-type:[ \t]*(text\/event-stream|multipart\/x-mixed-replace)\b/im

/** What was registered, and who says goodbye on it. */
interface LongLived {
  readonly response: ServerResponse
  readonly onStopping: OnStopping | undefined
}

/** A response is ended by whoever drains its server, so it is known by itself; one of HTTP/2 by its stream, too. */
const registered = new WeakMap<object, LongLived>()

/** @throws {LastcallError} ERR_LASTCALL_OPTION */
export function longLived(response: unknown, onStopping?: OnStopping): void {
  if (!isResponse(response)) {
    throw new LastcallError(
      'ERR_LASTCALL_OPTION',
      `longLived takes a response of node:http or http2, got ${show(response)}. Write longLived(res), longLived(reply.raw) with Fastify, longLived(ctx.res) with Koa.`,
    )
  }
  if (onStopping !== undefined && typeof onStopping !== 'function') {
    throw new LastcallError(
      'ERR_LASTCALL_OPTION',
      `longLived takes a function that says goodbye, got ${show(onStopping)}. Write longLived(res, () => res.write('event: bye\\n\\n')), or longLived(res).`,
    )
  }
  const { stream } = response as { readonly stream?: unknown }
  for (const key of [response, stream]) {
    if (typeof key === 'object' && key !== null) registered.set(key, { response, onStopping })
  }
}

function isResponse(response: unknown): response is ServerResponse {
  if (typeof response !== 'object' || response === null) return false
  const { write, end, writeHead, respond, on } = response as Record<string, unknown>
  const methods = [write, end, on, writeHead ?? respond]
  return methods.every((method) => typeof method === 'function')
}

/**
 * Whether a response never ends by itself: registered by `longLived`; or an event stream or a stream of pictures that
 * answers a GET. A POST that is answered by an event stream is a language model's answer: it ends, and is worth waiting for.
 */
export function endless(response: ServerResponse): boolean {
  if (registered.has(response)) return true
  if (response.req?.method !== 'GET' || !response.headersSent) return false
  const type = response.getHeader('content-type')
  if (type !== undefined) return ENDLESS.test(String(type))
  // http2's response keeps its headers.
  const head: unknown = (response as { _header?: unknown })._header
  return typeof head === 'string' && ENDLESS_IN_HEAD.test(head)
}

/** The same of a stream of HTTP/2; its method is known where the app has a `request`, else a body makes it a POST. */
export function endlessStream(stream: ServerHttp2Stream, method: string | undefined): boolean {
  if (registered.has(stream)) return true
  const isGet = method === undefined ? stream.endAfterHeaders : method === 'GET'
  return isGet && stream.headersSent && ENDLESS.test(String(stream.sentHeaders?.['content-type'] ?? ''))
}

type AnswerMethod = 'once' | 'prependOnceListener' | 'end' | 'destroy'
/** A response, or the stream of one. */
type Answer = Pick<Writable, 'writableFinished' | 'writableEnded' | 'destroyed' | AnswerMethod>

/**
 * Ends an endless response and counts its connection: `eventStreams`; `stalled` where the client takes none of it until
 * the limit; nothing where the client leaves. It is not cut. Resolves when it is finished or destroyed.
 */
export async function endEndless(
  response: Answer,
  context: DrainContext,
  count: (end: ConnectionEnd) => void = (end) => context.counts.connection(end),
): Promise<void> {
  const { limit } = context
  const over = new AbortController()
  // `writableFinished` is also true of a response that has lost its connection.
  let isWhole = response.writableFinished
  const ended = new Promise<void>((resolve) => {
    if (isWhole || response.destroyed) return resolve()
    // Before Node's own listener, which ends a connection whose answer has said so: it would count as announced.
    response.once('close', resolve).prependOnceListener('finish', () => {
      isWhole = true
      count('eventStreams')
      resolve()
    })
  }).then(() => over.abort())
  const stalls = (): void => {
    over.abort()
    if (isWhole || response.destroyed) return
    // First, since whoever sees it destroyed would say that the client left.
    count('stalled')
    response.destroy()
  }
  limit.addEventListener('abort', stalls, { once: true })
  if (limit.aborted) stalls()
  await goodbye(response, context, over.signal)
  // Of HTTP/2 the registered response, not its stream: where no head is out, it has what the app has set.
  if (!response.writableEnded && !response.destroyed) (registered.get(response)?.response ?? response).end()
  await ended
  limit.removeEventListener('abort', stalls)
}

/** Whatever it does, it is over in its part of the drain. */
async function goodbye(answer: Answer, context: DrainContext, over: AbortSignal): Promise<void> {
  const { response, onStopping } = registered.get(answer) ?? {}
  if (!response || !onStopping || over.aborted) return
  const said = (async () => onStopping(response))().catch((error) => debug('onStopping failed: %O', error))
  const done = new AbortController()
  const waited = sleep(context.remainingMs() * GOODBYE, undefined, { signal: AbortSignal.any([over, done.signal]) })
  await Promise.race([said, waited.catch(() => {})])
  done.abort()
}
