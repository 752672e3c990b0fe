import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { type KernelSocket, socketsOfPort, TCP_STATE } from '../sockets/kernel-sockets.ts'

const UNREAD = [TCP_STATE.established, TCP_STATE.closeWait, TCP_STATE.finWait1]
/** The kernel is asked no more often, in milliseconds: a long table takes it a while. */
const ASK_MS = 100

/** What clients have not acknowledged, as the kernel counts it. */
export class Unread {
  #byPort = new Map<number, number>()
  #askedAt = -ASK_MS

  /** In bytes; 0 where nobody tells. All `sockets` are of one listener. */
  bytes(socket: Socket): number {
    if (monotonicNow() - this.#askedAt >= ASK_MS) this.#ask(socket)
    return this.#byPort.get(socket.remotePort ?? 0) ?? 0
  }

  /** The listener is gone; whoever it accepted has its port. */
  #ask({ localPort: port = 0, localFamily: family = '' }: Socket): void {
    const rows = socketsOfPort({ port, family, address: '' }, UNREAD) ?? []
    this.#byPort = new Map(rows.filter(isUnread).map((row) => [row.remotePort, row.unacknowledged]))
    this.#askedAt = monotonicNow()
  }
}

/** The client has not acknowledged all bytes. Our FIN counts as one of them: by itself it is nothing that can be lost. */
export function isUnread({ state, unacknowledged }: Pick<KernelSocket, 'state' | 'unacknowledged'>): boolean {
  return unacknowledged > (state === TCP_STATE.finWait1 ? 1 : 0)
}
