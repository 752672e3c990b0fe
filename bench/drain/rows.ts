import { answeredEarly, keepAlive, newEachTime, throughAgent, uploading } from './clients/asking.ts'
import { session } from './clients/http2.ts'
import { half, idle, lateFirst, lateHandshake, silent } from './clients/slow.ts'
import { echoing } from './clients/websocket.ts'
import type { Crowd } from './round.ts'

/** What server.js is told beside the drain. */
export interface ServerWish {
  readonly protocol: 'http' | 'https' | 'http2' | 'ws'
  readonly answer?: 'plain' | 'upload' | 'early' | 'stream'
  readonly handlerMs?: number
  readonly idleMs?: number
  /** How long a peer serves on before it stops: what its users write by hand. */
  readonly delayMs?: number
  /** Node's keepAliveTimeout. */
  readonly keepAliveMs?: number
}

/** A load, and the server it is for. */
export interface Row {
  readonly name: string
  readonly server: ServerWish
  /** Made anew for each round. */
  readonly crowds: () => readonly Crowd[]
  /** How long after all clients are where it may find them SIGTERM is sent: between two numbers. @default [0, 100] */
  readonly momentMs?: readonly [number, number]
  /** Why even the best drain may lose some here. */
  readonly impossible?: string
  /** A round in which the clients' own loop stood still for longer proves nothing: they asked when nobody could wait. */
  readonly lateMs?: number
  /** Only lastcall has what is compared. */
  readonly alone?: boolean
}

const http = (handlerMs: number): ServerWish => ({ protocol: 'http', handlerMs })
const https = (handlerMs: number): ServerWish => ({ protocol: 'https', handlerMs })
const busy = { many: 50, behave: keepAlive() }
const someBusy = { many: 20, behave: keepAlive() }
const pausing = { many: 300, behave: keepAlive({ pauseMs: 100 }) }
const ON_ITS_WAY = 'a request is sent in the moment in which its idle connection is closed'

export const ROWS: readonly Row[] = [
  { name: 'keep-alive, 20 ms', server: http(20), crowds: () => [busy] },
  { name: 'keep-alive, 0 ms', server: http(0), crowds: () => [busy] },
  { name: 'http.Agent', server: http(20), crowds: () => [{ many: 50, behave: throughAgent() }] },
  { name: 'new connections, 50 clients', server: http(20), crowds: () => [{ many: 50, behave: newEachTime }] },
  { name: 'new connections, 200 clients', server: http(20), crowds: () => [{ many: 200, behave: newEachTime }] },
  { name: 'new connections, 1000 clients', server: http(20), crowds: () => [{ many: 1_000, behave: newEachTime }] },
  { name: '1000 idle beside 50 busy', server: http(20), crowds: () => [{ many: 1_000, behave: idle }, busy] },
  {
    ...{ name: '1000 clients, every 2 s', server: http(20), impossible: ON_ITS_WAY },
    crowds: () => [{ many: 1_000, behave: keepAlive({ pauseMs: 2_000 }) }],
  },
  {
    ...{ name: '300 clients, every 100 ms, idleMs 0', server: { ...http(0), idleMs: 0 }, impossible: ON_ITS_WAY },
    ...{ crowds: () => [pausing], alone: true },
  },
  {
    ...{ name: '300 clients, every 100 ms, idleMs 200', server: { ...http(0), idleMs: 200 }, impossible: ON_ITS_WAY },
    ...{ crowds: () => [pausing], alone: true },
  },
  {
    ...{ name: '300 clients, every 100 ms, idleMs 500', server: { ...http(0), idleMs: 500 }, lateMs: 300 },
    crowds: () => [pausing],
  },
  { name: 'pipelined 5 deep, 20 ms', server: http(20), crowds: () => [{ many: 50, behave: keepAlive({ deep: 5 }) }] },
  { name: 'pipelined 5 deep, 0 ms', server: http(0), crowds: () => [{ many: 50, behave: keepAlive({ deep: 5 }) }] },
  {
    ...{ name: 'uploads over 600 ms', server: { protocol: 'http', answer: 'upload' } },
    crowds: () => [{ many: 20, behave: uploading }],
  },
  {
    ...{ name: 'uploads over 600 ms, near their end', server: { protocol: 'http', answer: 'upload' } },
    ...{ crowds: () => [{ many: 20, behave: uploading }], momentMs: [400, 450] },
  },
  {
    ...{ name: 'answered before 1 MiB is in', server: { protocol: 'http', answer: 'early' } },
    crowds: () => [{ many: 20, behave: answeredEarly }],
  },
  {
    // The next one of each client is told.
    ...{ name: 'streams of 2 s', server: { protocol: 'http', answer: 'stream', handlerMs: 2_000 } },
    ...{ crowds: () => [{ many: 20, behave: keepAlive() }], momentMs: [600, 700] },
  },
  {
    ...{ name: 'a late first request', server: http(0), lateMs: 300 },
    crowds: () => [{ many: 20, behave: lateFirst(150) }],
  },
  {
    ...{ name: 'a first request that is later', server: http(0), lateMs: 300 },
    crowds: () => [{ many: 20, behave: lateFirst(600) }],
  },
  {
    ...{ name: 'silent, half a head, half a body', server: { protocol: 'http', answer: 'upload' } },
    crowds: () => [
      { many: 20, behave: silent },
      { many: 20, behave: half('head') },
      { many: 20, behave: half('body') },
      someBusy,
    ],
  },
  { name: 'https, keep-alive', server: https(20), crowds: () => [busy] },
  { name: 'https, new connections', server: https(20), crowds: () => [{ many: 50, behave: newEachTime }] },
  {
    ...{ name: 'https, handshakes beside 20 busy', server: https(20), lateMs: 100, momentMs: [620, 640] },
    crowds: () => [{ many: 20, behave: lateHandshake(100) }, { many: 20, behave: silent }, someBusy],
  },
  {
    ...{ name: 'https, later handshakes beside 20 busy', server: https(20), lateMs: 100 },
    crowds: () => [{ many: 20, behave: lateHandshake(600) }, { many: 20, behave: silent }, someBusy],
  },
  { name: 'WebSocket', server: { protocol: 'ws' }, crowds: () => [{ many: 50, behave: echoing }] },
  {
    ...{ name: 'HTTP/2', server: { protocol: 'http2', handlerMs: 20 } },
    crowds: () => [{ many: 50, behave: session(20) }],
  },
]

/** Fewer clients, at least two of a kind. */
export function scaled(crowds: readonly Crowd[], part: number): readonly Crowd[] {
  return crowds.map(({ many, behave }) => ({ many: Math.max(2, Math.ceil(many * part)), behave }))
}
