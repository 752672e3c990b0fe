import type { PendingResponse } from './node-internals.ts'

/** One of its options. */
const KEEP_ALIVE = /(?<=^|,)\s*keep-alive\s*(?=,|$)/i

/**
 * Whoever answers for another server hands on its `Connection: keep-alive`, and Node sends what it is given: such a client
 * would never be told. Nor would it be without the header, since Node leaves out what was removed. So while `isAnnounced` it
 * is changed where it would be sent.
 */
export function saysNoKeepAlive(response: PendingResponse, isAnnounced: () => boolean): void {
  const writeHead = response.writeHead as (...given: unknown[]) => PendingResponse
  const ours = (...given: unknown[]): PendingResponse => {
    if (!isAnnounced() || response.headersSent) return Reflect.apply(writeHead, response, given)
    const own = response.getHeader('connection')
    if (KEEP_ALIVE.test(String(own))) response.setHeader('Connection', withClose(own) as string | string[])
    return Reflect.apply(writeHead, response, given.map(saysClose))
  }
  response.writeHead = ours as PendingResponse['writeHead']
}

/** Of the arguments of `writeHead` the headers: an object, a list of pairs, or a flat list. */
function saysClose(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  if (!Array.isArray(given)) return Object.fromEntries(Object.entries(given).map(closed))
  if (Array.isArray(given[0])) return given.map(closed)
  return given.flatMap((name, at) => (at % 2 === 0 ? closed([name, given[at + 1]]) : []))
}

function closed([name, value]: readonly [unknown, unknown]): [string, unknown] {
  const isOne = String(name).toLowerCase() === 'connection' && KEEP_ALIVE.test(String(value))
  return [String(name), isOne ? withClose(value) : value]
}

/** Of a text or of a list, which stays one. */
function withClose(value: unknown): unknown {
  return Array.isArray(value) ? value.map(withClose) : String(value).replace(KEEP_ALIVE, 'close')
}
