import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'
import type { Handshakes } from './handshakes.ts'
import type { connectionsList } from './node-internals.ts'

/** How often we look, in milliseconds. */
const EVERY_MS = 10
/** How many connections a look may end: not all clients are to come back at the same moment. */
const AT_LEAST = 20
const PART = 0.04
/** After so many the loop has a turn: what has arrived meanwhile is read before the next are looked at. */
const IN_A_ROW = 16

/** How long a client may say nothing, in milliseconds. */
const SILENT_MS = 1_000
const HALF_HEAD_MS = 1_000
const HALF_BODY_MS = 3_000

export interface Swept {
  readonly list: ReturnType<typeof connectionsList>
  readonly connections: ReadonlyMap<Socket, Connection>
  readonly handshakes: Handshakes
}

/** Ends, a few at a time, the connections on which nothing is in flight. */
export class Sweep {
  readonly #swept: Swept
  readonly #idleMs: () => number
  readonly #unread: () => ReadonlySet<number>
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(swept: Swept, idleMs: () => number, unread: () => ReadonlySet<number>) {
    this.#swept = swept
    this.#idleMs = idleMs
    this.#unread = unread
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#look(), EVERY_MS)
  }

  stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  async #look(): Promise<void> {
    const { connections, handshakes, list } = this.#swept
    await turn()
    let left = Math.max(AT_LEAST, Math.ceil(connections.size * PART))
    const unread = once(this.#unread)
    const idle = once(() => idleSockets(list))
    for (const connection of connections.values()) {
      if (this.#isOver) return
      if (connection.isEnding) connection.lookAtLinger(() => unread().has(connection.socket.remotePort ?? 0))
      else if (left > 0 && this.#end(connection, idle) && --left % IN_A_ROW === 0) await turn()
    }
    for (const socket of handshakes.olderThan(SILENT_MS)) {
      if (left-- <= 0) break
      socket.destroy()
    }
    if (!this.#isOver) this.start()
  }

  /** Ends the connection where its time has come. */
  #end(connection: Connection, idle: () => IdleSockets): boolean {
    if (connection.isUpgraded) return false
    if (connection.isBusy) {
      if (!connection.isHalfRead || connection.quietMs() < HALF_BODY_MS) return false
      connection.timeOut()
      return true
    }
    const idleMs = this.#idleMs()
    // Cheap first: of ten thousand connections only those whose time may have come are looked at.
    if (connection.quietMs() < Math.min(idleMs, SILENT_MS)) return false
    connection.look()
    const isIdle = idle()?.has(connection.socket) ?? true
    const ms = connection.isSilent ? SILENT_MS : isIdle ? idleMs : HALF_HEAD_MS
    if (connection.quietMs() < ms) return false
    if (connection.isSilent || isIdle) connection.end(connection.isSilent ? 'silent' : 'idle')
    else connection.timeOut()
    return true
  }
}

type IdleSockets = ReadonlySet<Socket> | undefined

/** Sockets on which no message has begun, as Node knows it; undefined where it does not tell. */
function idleSockets(list: Swept['list']): IdleSockets {
  return list && new Set(list.idle().flatMap(({ socket }) => socket ?? []))
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** One turn of the event loop: what has arrived has been read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
