import type { AddressInfo, Server } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { sleep } from '../../real-time.ts'
import { arrivedIsRead } from '../arrived.ts'
import { inodeOf, listenerOfPort } from '../sockets/kernel-sockets.ts'
import { handleOf, type ListeningHandle } from './listening-handle.ts'
import { closeByPlug } from './plug.ts'
import { TurningTime } from './turning-time.ts'
import { closeByUnixPlug } from './unix-plug.ts'

/** With the plug impossible, and where no table tells who waits: so long nothing may have been accepted, and so long we wait for that, in milliseconds. */
const QUIET_MS = 4
const QUIET_AT_MOST_MS = 50
/** Where it tells, the queue is emptied. */
const EMPTY_AT_MOST_MS = 1_000
/** Of a turn of the loop no more counts. */
const TURN_MS = 5

/**
 * Ends listening, and leaves the connections alone; a server that does not listen is done. What waits in the accept queue
 * is accepted before: https://man7.org/linux/man-pages/man2/listen.2.html. At `limit` it ends at once.
 */
export async function endListener(server: Server, limit: AbortSignal): Promise<void> {
  if (!server.listening) return
  const close = (): void => closeListener(server)
  limit.addEventListener('abort', close, { once: true })
  const handle = limit.aborted ? undefined : handleOf(server)
  const isClosed = handle !== undefined && (await closeByAnyPlug(server, handle, close))
  if (!isClosed && !limit.aborted) await quiet(server, handle?.fd)
  close()
  limit.removeEventListener('abort', close)
}

async function closeByAnyPlug(server: Server, handle: ListeningHandle, close: () => void): Promise<boolean> {
  const address = server.address()
  const listener = { handle, isOpen: () => server.listening, close }
  if (typeof address !== 'string') return closeByPlug({ ...listener, address: address as AddressInfo })
  // Where it is not Linux nobody has looked what a backlog of 0 does.
  return inodeOf(handle.fd) !== undefined && closeByUnixPlug({ ...listener, path: address })
}

/** `http.Server.close` would end idle connections, too, and `http2`'s sends nothing on some lines of Node: this one ends the listener alone. */
function closeListener(server: Server): void {
  if (server.listening) process.getBuiltinModule('node:net').Server.prototype.close.call(server)
}

/**
 * Resolves at a moment when nobody waits in the queue, as the kernel tells; where it does not, when nothing was accepted for
 * a few milliseconds.
 */
async function quiet(server: Server, fd: number | undefined): Promise<void> {
  const inode = fd === undefined ? undefined : inodeOf(fd)
  const time = new TurningTime(TURN_MS)
  let lastAt = monotonicNow()
  let waitedMs = 0
  const accepted = (): void => {
    lastAt = monotonicNow()
  }
  server.prependListener('connection', accepted)
  for (;;) {
    // A loop that stood still has accepted nobody yet.
    const now = await arrivedIsRead()
    if (!server.listening) break
    const address = server.address()
    const isKnown = inode !== undefined && typeof address === 'object' && address !== null
    const waiting = isKnown ? listenerOfPort(address, inode)?.waiting : undefined
    if (waiting === 0 || (waiting === undefined && now - lastAt >= QUIET_MS)) break
    waitedMs += time.passed()
    if (waitedMs >= (waiting === undefined ? QUIET_AT_MOST_MS : EMPTY_AT_MOST_MS)) break
    await sleep(1)
  }
  server.off('connection', accepted)
}
