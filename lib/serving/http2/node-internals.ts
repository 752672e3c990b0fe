import type { Http2ServerRequest, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/*
 * What Node's HTTP/2 server keeps under symbols. Nothing of it is documented; tests on each line of Node say that it is
 * there. By it nothing has to be done for a stream before drain begins.
 */

/** The server's own list of its sessions, since Node 24; undefined before. */
export function ownSessions(server: object): ServerHttp2Session[] | undefined {
  return membersOf<ServerHttp2Session>(hidden(server, 'sessions'))
}

/** What a server was made with, as far as we ask for it. */
interface Options {
  readonly allowHTTP1?: unknown
  readonly settings?: { readonly enableConnectProtocol?: unknown }
}

/** Whether the server was made with `settings: { enableConnectProtocol: true }`: then clients may open WebSockets. */
export function allowsExtendedConnect(server: object): boolean {
  return optionsOf(server)?.settings?.enableConnectProtocol === true
}

/** Whether it was made with `allowHTTP1`: its list of those connections is there only when it listens. */
export function allowsHttp1(server: object): boolean {
  return optionsOf(server)?.allowHTTP1 === true && 'setSecureContext' in server
}

function optionsOf(server: object): Options | undefined {
  return hidden(server, 'options') as Options | undefined
}

/** The streams of a session that are open; those that the client began. */
export function openStreams(session: Http2Session): ServerHttp2Stream[] {
  return allStreams(session).filter(({ id }) => (id ?? 0) % 2 === 1)
}

/** Those that the server pushes. */
export function pushedStreams(session: Http2Session): ServerHttp2Stream[] {
  return allStreams(session).filter(({ id }) => (id ?? 0) % 2 === 0)
}

function allStreams(session: Http2Session): ServerHttp2Stream[] {
  const state = hidden(session, 'state') as { readonly streams?: unknown } | undefined
  return membersOf<ServerHttp2Stream>(state?.streams) ?? []
}

/** What a stream was asked with, where the app has a `request` of it; one that listens to `stream` keeps it to itself. */
export function requestOf(stream: ServerHttp2Stream): Http2ServerRequest | undefined {
  const request = hidden(stream, 'request') as Http2ServerRequest | undefined
  return typeof request?.method === 'string' ? request : undefined
}

/** The real socket: `session.socket` stands before it and refuses what could harm; undefined when the session has left it. */
export function socketOf(session: Http2Session): Socket | undefined {
  const guarded = session.destroyed ? undefined : session.socket
  // Every method but a few is the socket's own, and this one returns it.
  return guarded?.off?.('lastcall', () => {})
}

/** What is in a Set or in a Map. Node's own are no instances of either. */
function membersOf<T>(set: unknown): T[] | undefined {
  if (typeof (set as { forEach?: unknown } | undefined)?.forEach !== 'function') return undefined
  const members: T[] = []
  ;(set as Set<T>).forEach((member) => {
    members.push(member)
  })
  return members
}

function hidden(thing: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(thing).find((one) => one.description === description)
  return symbol && (thing as Record<symbol, unknown>)[symbol]
}
