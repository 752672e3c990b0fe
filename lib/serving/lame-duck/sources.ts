import type { Times } from './times.ts'

/** Who sends: a remote address. Some 200 bytes. */
export interface Source {
  readonly address: string
  /** The window that runs: when it began, its new connections, the longest pause between two. */
  from: number
  n: number
  pause: number
  /** The window before. */
  oldFrom: number
  oldN: number
  oldPause: number
  /** Its last new connection, and the last that was heard of it at all. */
  last: number
  heard: number
  /** New connections since the end began. */
  since: number
  /** Connections that were open then, and that nobody has told to close. */
  untold: number
  /** It has sent a request that is no probe's. */
  client: boolean
}

/** The sources of a process. A function of calls and their times: no clock, no socket. */
export class Sources {
  readonly all = new Map<string, Source>()
  readonly #times: Times
  /** When an address found no place. */
  overflowAt = Number.NEGATIVE_INFINITY
  #tidiedAt = Number.NEGATIVE_INFINITY
  #began: number | undefined
  /** Of any source. */
  lastConnection = Number.NEGATIVE_INFINITY
  lastHeard = Number.NEGATIVE_INFINITY

  constructor(times: Times) {
    this.#times = times
  }

  /** A new connection: before the end this is all that happens. Undefined where the table is full. */
  connection(address: string, now: number): Source | undefined {
    if (this.#began !== undefined) this.#noteLatest(now)
    const source = this.all.get(address) ?? this.#add(address, now)
    if (!source) return undefined
    if (this.#began === undefined) {
      this.#turn(source, now)
      source.n++
    } else source.since++
    source.pause = Math.max(source.pause, now - source.last)
    source.last = Math.max(source.last, now)
    source.heard = Math.max(source.heard, now)
    return source
  }

  /** Any ordinary request, once the end has begun. */
  request(address: string, now: number): void {
    this.lastHeard = Math.max(this.lastHeard, now)
    const source = this.all.get(address)
    if (source) source.heard = Math.max(source.heard, now)
  }

  /** The end begins; what lasts still is a pause, too. `open`: how many connections each address holds. */
  begin(began: number, open: ReadonlyMap<string, number> = new Map()): void {
    for (const address of open.keys()) {
      // It came before anybody looked, or long ago: it may send at any time.
      if (!this.all.has(address)) {
        const source = this.#add(address, began)
        if (source) source.client = true
      }
    }
    this.#began = began
    for (const source of this.all.values()) {
      this.#turn(source, began)
      source.pause = Math.max(source.pause, began - source.last)
      source.untold = open.get(source.address) ?? 0
      if (source.client) this.#noteLatest(source.last)
    }
  }

  /** One of the connections that were open at the begin is told to close, or closed. */
  told(address: string): void {
    const source = this.all.get(address)
    if (source && source.untold > 0) source.untold--
  }

  #noteLatest(at: number): void {
    this.lastConnection = Math.max(this.lastConnection, at)
    this.lastHeard = Math.max(this.lastHeard, at)
  }

  #add(address: string, now: number): Source | undefined {
    const { most, tidyMs, unseenMs } = this.#times
    if (this.all.size >= most && now - this.#tidiedAt >= tidyMs) {
      this.#tidiedAt = now
      for (const [key, { last }] of this.all) if (now - last >= unseenMs) this.all.delete(key)
    }
    if (this.all.size >= most) {
      this.overflowAt = now
      return undefined
    }
    const source: Source = {
      ...{ address, from: now, n: 0, pause: 0, oldFrom: 0, oldN: 0, oldPause: 0 },
      ...{ last: now, heard: now, since: 0, untold: 0, client: false },
    }
    this.all.set(address, source)
    return source
  }

  /** Turns the windows of a source, when it is looked at. */
  #turn(source: Source, now: number): void {
    const { windowMs } = this.#times
    const age = now - source.from
    if (age < windowMs) return
    const isOld = age >= 2 * windowMs
    source.oldFrom = source.from
    source.oldN = isOld ? 0 : source.n
    source.oldPause = isOld ? 0 : source.pause
    source.from = isOld ? now : source.from + windowMs
    source.n = 0
    source.pause = 0
  }
}
