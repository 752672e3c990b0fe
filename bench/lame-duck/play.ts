import { judge, type Plan } from '../../lib/serving/lame-duck/rule.ts'
import { Sources } from '../../lib/serving/lame-duck/sources.ts'
import { TIMES } from '../../lib/serving/lame-duck/times.ts'
import type { Kind, Router } from './traffic.ts'

/** Of all replicas this one gets its share of what comes back. */
const REPLICAS = 5
/** A connection of a pool is that old at most, in seconds. */
const POOL_AGE = 300

interface Event {
  readonly at: number
  readonly address: string
  /** A new connection; else a request on one that was there, which is told by its answer. */
  readonly isNew: boolean
}

export interface Round {
  /** New connections that came when nobody listened any more. */
  readonly refused: number
  /** Seconds from the last that came to the end; undefined where some were refused. */
  readonly wasted: number | undefined
  readonly seconds: number
}

/** The end as a rule decides it, in milliseconds after the begin. */
type End = (sources: Sources, events: readonly Event[], began: number) => number

/** Ends at a time, whatever comes. */
export const fixed =
  (ms: number): End =>
  () =>
    ms

/** lastcall's rule, by lastcall's code. */
export const theRule =
  (grace: number): End =>
  (sources, events, began) => {
    const ceiling = 0.4 * (grace - 1) * 1_000
    const plan: Plan = { began, planned: Math.min(10_000, ceiling), ceiling, quietMs: 4_000, listened: began }
    let next = 0
    for (let now = began; ; now += TIMES.everyMs) {
      for (; next < events.length && (events[next] as Event).at <= now; next++) {
        const { at, address, isNew } = events[next] as Event
        if (isNew) {
          const source = sources.connection(address, at)
          if (source) source.client = true
        } else sources.told(address)
        sources.request(address, at)
      }
      if ('end' in judge(sources, plan, TIMES, now)) return now - began
    }
  }

export function playRound(kind: Kind, stop: (chance: () => number) => number, end: End, chance: () => number): Round {
  const began = (120 + 480 * chance()) * 1_000
  const sources = new Sources(TIMES)
  const open = history(kind.routers, sources, began, chance)
  const events = kind.routers.flatMap((router) => after(router, began, began + stop(chance) * 1_000, chance))
  events.sort((a, b) => a.at - b.at)
  sources.begin(began, open)
  const ms = end(sources, events, began)
  const refused = events.filter(({ at, isNew }) => isNew && at > began + ms).length
  const last = events.findLast(({ isNew }) => isNew)?.at ?? began
  return { refused, wasted: refused > 0 ? undefined : (began + ms - last) / 1_000, seconds: ms / 1_000 }
}

/** What came before the begin. Routers behind one address are one stream. Returns the connections that are open. */
function history(
  routers: readonly Router[],
  sources: Sources,
  began: number,
  chance: () => number,
): Map<string, number> {
  const open = new Map<string, number>()
  const streams = new Map<string, number>()
  const come = (address: string, at: number): void => {
    const source = sources.connection(address, at)
    if (source) source.client = true
  }
  for (const { address, pool, rate } of routers) {
    if (pool === 0) streams.set(address, (streams.get(address) ?? 0) + rate)
    else open.set(address, (open.get(address) ?? 0) + pool)
  }
  for (const [address, many] of open) {
    const ages = Array.from({ length: many }, () => chance() * Math.min(began, POOL_AGE * 1_000)).sort((a, b) => b - a)
    for (const age of ages) come(address, began - age)
  }
  for (const [address, rate] of streams) {
    const burst = routers.find((router) => router.address === address)?.burst ?? 1
    for (let at = pause(rate, chance); at < began; at += pause(rate, chance)) {
      for (let n = 0; n < burst; n++) come(address, at)
    }
  }
  return open
}

function after({ address, rate, burst, pool }: Router, began: number, until: number, chance: () => number): Event[] {
  const events: Event[] = []
  if (pool === 0) {
    for (let at = began + pause(rate, chance); at < until; at += pause(rate, chance)) {
      for (let n = 0; n < burst; n++) events.push({ at, address, isNew: true })
    }
    return events
  }
  // Each connection is told by its next answer; whoever opens another comes back to us with its share.
  for (let n = 0; n < pool; n++) {
    let at = began + pause(rate / pool, chance)
    events.push({ at, address, isNew: false })
    while (at < until && chance() < 1 / REPLICAS) {
      events.push({ at, address, isNew: true })
      at += pause(rate / pool, chance)
    }
  }
  return events
}

/** To the next, in milliseconds. */
function pause(rate: number, chance: () => number): number {
  return (-Math.log(1 - chance()) / rate) * 1_000
}
