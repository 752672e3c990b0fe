import type { Socket } from 'node:net'
import { type KernelSocket, socketsOfPort, TCP_STATE } from '../sockets/kernel-sockets.ts'

const UNREAD = [TCP_STATE.established, TCP_STATE.closeWait, TCP_STATE.finWait1]

/** The ports of those clients that have not acknowledged everything, from the kernel; `sockets` are of one listener. */
export function unreadPorts(sockets: Iterable<Socket>): ReadonlySet<number> {
  // The listener is gone; whoever it accepted has its port.
  const [{ localPort: port = 0, localFamily: family = '' } = {}] = sockets
  const rows = socketsOfPort({ port, family, address: '' }, UNREAD)
  return new Set((rows ?? []).filter(isUnread).map(({ remotePort }) => remotePort))
}

/** The client has not acknowledged all bytes. Our FIN counts as one of them: by itself it is nothing that can be lost. */
export function isUnread({ state, unacknowledged }: Pick<KernelSocket, 'state' | 'unacknowledged'>): boolean {
  return unacknowledged > (state === TCP_STATE.finWait1 ? 1 : 0)
}
