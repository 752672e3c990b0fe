import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { clearTimeout, setTimeout } from '../../real-time.ts'
import { aFew } from '../a-few.ts'
import { arrivedIsRead } from '../arrived.ts'
import type { Connection } from './connection.ts'
import type { ConnectionsList } from './node-internals.ts'
import { Unread } from './unread.ts'

/** How often we look, in milliseconds. */
const EVERY_MS = 10
/** The part of the connections that a look may end. */
const PART = 0.1
/** After so many the loop has a turn: what has arrived meanwhile is read before the next are looked at. */
const IN_A_ROW = 16

/** How long a client may say nothing, in milliseconds. */
const SILENT_MS = 1_000
const HALF_HEAD_MS = 1_000
export const HALF_BODY_MS = 3_000

export interface Swept {
  readonly list: ConnectionsList | undefined
  readonly connections: ReadonlyMap<Socket, Connection>
  readonly idleMs: () => number
  /** Looks where the next request has begun to come behind the newest one. */
  readonly lookForNext: () => void
  /** Ends answers that never end by themselves. */
  readonly endEndless: (connection: Connection) => void
  /** It has left HTTP since drain began. */
  readonly leave: (connection: Connection) => void
}

/** Ends, a few at a time, the connections on which nothing is in flight. */
export class Sweep {
  readonly #swept: Swept
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  #most = 0
  readonly #unread = new Unread()
  readonly #idle: IdleSockets
  /** All that had arrived by then has been read. */
  #readAt = 0

  constructor(swept: Swept) {
    this.#swept = swept
    this.#idle = new IdleSockets(swept.list)
  }

  start(afterMs = EVERY_MS): void {
    this.#timer = setTimeout(() => void this.#look(), afterMs)
  }

  stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#unread.stop()
  }

  async #look(): Promise<void> {
    const { connections } = this.#swept
    const startedAt = monotonicNow()
    await this.#read()
    this.#swept.lookForNext()
    // Of the most that there were, or the last thousands would take a second.
    this.#most = Math.max(this.#most, connections.size)
    let left = aFew(this.#most, PART)
    for (const connection of connections.values()) {
      if (this.#isOver) return
      if (connection.isEnding) connection.lookAtLinger(this.#unread)
      else if (left > 0 && this.#end(connection) && --left % IN_A_ROW === 0) await this.#read()
    }
    if (!this.#isOver) this.start(Math.max(0, startedAt + EVERY_MS - monotonicNow()))
  }

  /** What has arrived is read first. */
  async #read(): Promise<void> {
    this.#readAt = await arrivedIsRead()
  }

  /** Until we last read: a busy machine may have let us wait since then, while the client has asked. */
  #quietMs({ lastAt }: Connection): number {
    return this.#readAt - lastAt
  }

  /** Ends the connection where its time has come. */
  #end(connection: Connection): boolean {
    if (connection.isUpgraded) {
      this.#swept.leave(connection)
      return false
    }
    if (connection.isBusy) {
      this.#swept.endEndless(connection)
      if (!connection.looksHalfRead() || this.#quietMs(connection) < HALF_BODY_MS) return false
      connection.timeOut()
      return true
    }
    const idleMs = this.#swept.idleMs()
    // Cheap first: of ten thousand connections only those whose time may have come are looked at.
    if (this.#quietMs(connection) < Math.min(idleMs, SILENT_MS)) return false
    // One that has just been heard of is not asked about.
    if (connection.look()) return false
    const isIdle = this.#idle.has(connection)
    const ms = connection.isSilent ? SILENT_MS : isIdle ? idleMs : HALF_HEAD_MS
    if (this.#quietMs(connection) < ms) return false
    if (connection.isSilent || isIdle) connection.end(connection.isSilent ? 'silent' : 'idle')
    else connection.timeOut()
    return true
  }
}

/** Sockets on which no message has begun, as Node knows it. */
class IdleSockets {
  readonly #list: ConnectionsList | undefined
  #sockets = new Set<Socket>()
  #askedAt = -Infinity

  constructor(list: ConnectionsList | undefined) {
    this.#list = list
  }

  /** True where Node does not tell. One that has been quiet since Node was asked is as it was then: the list is long. */
  has(connection: Connection): boolean {
    if (!this.#list) return true
    if (connection.lastAt >= this.#askedAt) {
      this.#sockets = new Set(this.#list.idle().flatMap(({ socket }) => socket ?? []))
      this.#askedAt = monotonicNow()
    }
    return this.#sockets.has(connection.socket)
  }
}
