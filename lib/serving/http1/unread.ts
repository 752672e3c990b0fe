import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { allSocketsOfPort, type KernelSocket, TCP_STATE, type Wanted } from '../sockets/kernel-sockets.ts'

const { established, finWait1, finWait2, closeWait } = TCP_STATE
/** The kernel is asked no more often, in milliseconds: a long table takes it a while. */
const ASK_MS = 100

/** Reads the kernel's table; undefined where it cannot be read. */
export type ReadTable = (wanted: Wanted, isOver: () => boolean) => Promise<readonly KernelSocket[] | undefined>

/** What clients have not acknowledged, as the kernel counts it. */
export class Unread {
  readonly #read: ReadTable
  #byPort: ReadonlyMap<number, number> = new Map()
  /** When the answer was asked for. */
  #askedAt = -Infinity
  #answeredAt = -Infinity
  #isAsking = false
  #isOver = false

  constructor(read: ReadTable = allSocketsOfPort) {
    this.#read = read
  }

  /**
   * In bytes, as of a moment after `since`; undefined as long as that is not known, which is not nothing: the table is
   * long, or cannot be read. All `sockets` are of one listener.
   */
  bytes(socket: Socket, since: number): number | undefined {
    const { remotePort } = socket
    // What a unix socket has taken is its client's, closed or not.
    if (remotePort === undefined) return 0
    if (!this.#isAsking && monotonicNow() - this.#answeredAt >= ASK_MS) void this.#ask(socket)
    return this.#askedAt > since ? this.#byPort.get(remotePort) : undefined
  }

  stop(): void {
    this.#isOver = true
  }

  /** The listener is gone; whoever it accepted has its port. */
  async #ask({ localPort: port = 0, localFamily: family = '' }: Socket): Promise<void> {
    const askedAt = monotonicNow()
    this.#isAsking = true
    const states = [established, finWait1, finWait2, closeWait]
    const rows = await this.#read({ port, family, states }, () => this.#isOver).catch(() => undefined)
    this.#byPort = unreadByPort(rows ?? [])
    this.#askedAt = askedAt
    this.#answeredAt = monotonicNow()
    this.#isAsking = false
  }
}

/** Of two clients with the same port the sum. */
function unreadByPort(rows: readonly KernelSocket[]): ReadonlyMap<number, number> {
  const byPort = new Map<number, number>()
  for (const row of rows) {
    byPort.set(row.remotePort, (byPort.get(row.remotePort) ?? 0) + (isUnread(row) ? row.unacknowledged : 0))
  }
  return byPort
}

/** The client has not acknowledged all bytes. Our FIN counts as one of them: by itself it is nothing that can be lost. */
export function isUnread({ state, unacknowledged }: Pick<KernelSocket, 'state' | 'unacknowledged'>): boolean {
  return unacknowledged > (state === finWait1 ? 1 : 0)
}
