import type { AddressInfo } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { debugLog } from '../../debug-log.ts'

const debug = debugLog('serving')

/** A TCP socket as the kernel lists it: one row of /proc/net/tcp or tcp6. */
export interface KernelSocket {
  readonly remotePort: number
  readonly state: string
  /** Bytes that the peer has not acknowledged. */
  readonly unacknowledged: number
  /** Of a listener: connections that nobody has accepted. */
  readonly waiting: number
  readonly inode: number
}

/** Of https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html. */
export const TCP_STATE = {
  established: '01',
  synReceived: '03',
  finWait1: '04',
  closeWait: '08',
  listen: '0A',
} as const

/**
 * The kernel walks its whole table for us, up to 10 µs for each socket of the network namespace, and we wait for it: after
 * so long, in milliseconds, what has been read must do. Listeners come first.
 */
const READ_MS = 30
const CHUNK_BYTES = 65_536

/** The rows of one local port, in some states; undefined where the kernel does not tell: no Linux, or no /proc. */
export function socketsOfPort(
  { port, family }: AddressInfo,
  states: readonly string[],
): readonly KernelSocket[] | undefined {
  const isV6 = family === 'IPv6'
  const rows: KernelSocket[] = []
  const mark = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  const stateAfter = mark.length + (isV6 ? 32 : 8) + ':0000 '.length
  const isWhole = eachLine(isV6 ? '/proc/self/net/tcp6' : '/proc/self/net/tcp', (line) => {
    const at = line.indexOf(mark)
    if (at < 0 || !states.includes(line.slice(at + stateAfter, at + stateAfter + 2))) return
    const row = rowOf(line)
    if (row.localPort === port) rows.push(row)
  })
  if (isWhole === undefined) return undefined
  debug('%s sockets on port %s%s', rows.length, port, isWhole ? '' : ', and no time to read all')
  return rows
}

/** `  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 …` */
function rowOf(line: string): KernelSocket & { readonly localPort: number } {
  const [, local = '', remote = '', state = '', queues = '', , , , , inode = ''] = line.trim().split(/\s+/)
  const [unacknowledged = '', waiting = ''] = queues.split(':')
  return {
    localPort: portOf(local),
    remotePort: portOf(remote),
    state,
    unacknowledged: Number.parseInt(unacknowledged, 16),
    waiting: Number.parseInt(waiting, 16),
    inode: Number(inode),
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16)
}

/** Whether the file was read to its end; undefined where there is none. */
function eachLine(path: string, use: (line: string) => void): boolean | undefined {
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs')
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    const endsAt = monotonicNow() + READ_MS
    let rest = ''
    for (;;) {
      const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, null)
      if (bytes === 0) return true
      const lines = (rest + chunk.toString('latin1', 0, bytes)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) use(line)
      if (monotonicNow() > endsAt) return false
    }
  } finally {
    closeSync(fd)
  }
}
