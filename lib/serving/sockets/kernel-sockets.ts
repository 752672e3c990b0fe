import type { AddressInfo } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import { debugLog } from '../../debug-log.ts'
import { sleep } from '../../real-time.ts'

const debug = debugLog('serving')

/** A TCP socket as the kernel lists it: one row of /proc/net/tcp or tcp6. */
export interface KernelSocket {
  /** Address and port as the kernel writes them: the same for two listeners of one port. */
  readonly local: string
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
  finWait2: '05',
  closeWait: '08',
  listen: '0A',
} as const

/**
 * The kernel walks its whole table for us, some 1.3 µs for each socket of the network namespace, and we wait for it: after
 * so long, in milliseconds, what has been read must do. It is enough for a table full of connections in TIME_WAIT (131,072
 * by default), for whoever is not found in it may be lost. Listeners come first.
 */
const READ_MS = 250
/** Who can wait for an answer lets the loop go on after so long, in milliseconds, and for as long. */
const SLICE_MS = 5
const CHUNK_BYTES = 65_536
/** The kernel fills a page at least, of which a row is a small part: fewer bytes than that are the last ones. */
const PAGE_BYTES = 3_072

/** The rows of one local port, in some states; undefined where the kernel does not tell: no Linux, or no /proc. */
export function socketsOfPort(
  { port, family }: AddressInfo,
  states: readonly string[],
): readonly KernelSocket[] | undefined {
  const fd = openTable(family)
  if (fd === undefined) return undefined
  const rows: KernelSocket[] = []
  const endsAt = monotonicNow() + READ_MS
  let isWhole = true
  for (const lines of chunksOf(fd)) {
    rows.push(...rowsIn(lines, { port, family, states }))
    if (monotonicNow() <= endsAt) continue
    isWhole = false
    break
  }
  debug('%s sockets on port %s%s', rows.length, port, isWhole ? '' : ', and no time to read all')
  return rows
}

/** One listener of this port; listeners come first, so that a long table costs nothing here. */
export function listenerOfPort({ port, family }: AddressInfo, inode: number | undefined): KernelSocket | undefined {
  const fd = openTable(family)
  if (fd === undefined) return undefined
  for (const lines of chunksOf(fd)) {
    const rows = rowsIn(lines, { port, family, states: [TCP_STATE.listen] })
    const own = rows.find((row) => row.inode === inode)
    if (own) return own
    if (lines.some((line) => isAfterListeners(line))) return undefined
  }
  return undefined
}

/** All rows of one local port, however long the table is: what a look takes is spread. Undefined where the kernel does not tell, and after `isOver`. */
export async function allSocketsOfPort(
  wanted: Wanted,
  isOver: () => boolean,
): Promise<readonly KernelSocket[] | undefined> {
  const fd = openTable(wanted.family)
  if (fd === undefined) return undefined
  const rows: KernelSocket[] = []
  let sliceEndsAt = monotonicNow() + SLICE_MS
  for (const lines of chunksOf(fd)) {
    rows.push(...rowsIn(lines, wanted))
    if (monotonicNow() <= sliceEndsAt) continue
    await sleep(SLICE_MS)
    if (isOver()) return undefined
    sliceEndsAt = monotonicNow() + SLICE_MS
  }
  return rows
}

/** Which rows are looked for. */
export interface Wanted {
  /** The local one. */
  readonly port: number
  readonly family: string
  readonly states: readonly string[]
}

/** By which the kernel lists the socket of this descriptor. */
export function inodeOf(fd: number): number | undefined {
  try {
    const target = process.getBuiltinModule('node:fs').readlinkSync(`/proc/self/fd/${fd}`)
    return Number(/^socket:\[(\d+)\]$/.exec(target)?.[1])
  } catch {
    return undefined
  }
}

function rowsIn(lines: readonly string[], { port, family, states }: Wanted): readonly KernelSocket[] {
  const mark = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  const stateAfter = mark.length + (family === 'IPv6' ? 32 : 8) + ':0000 '.length
  return lines
    .filter((line) => {
      const at = line.indexOf(mark)
      return at >= 0 && states.includes(line.slice(at + stateAfter, at + stateAfter + 2))
    })
    .map(rowOf)
    .filter(({ localPort }) => localPort === port)
}

/** A row, and not of a listener: none follows. */
function isAfterListeners(line: string): boolean {
  const state = /^ *\d+: \S+ \S+ (\S\S) /.exec(line)?.[1]
  return state !== undefined && state !== TCP_STATE.listen
}

/** `  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 …` */
function rowOf(line: string): KernelSocket & { readonly localPort: number } {
  const [, local = '', remote = '', state = '', queues = '', , , , , inode = ''] = line.trim().split(/\s+/)
  const [unacknowledged = '', waiting = ''] = queues.split(':')
  return {
    local,
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

function openTable(family: string): number | undefined {
  try {
    return process.getBuiltinModule('node:fs').openSync(`/proc/self/net/${family === 'IPv6' ? 'tcp6' : 'tcp'}`, 'r')
  } catch {
    return undefined
  }
}

/** The lines of a file, as many as come at once, until its end or until nobody wants more; then it is closed. */
function* chunksOf(fd: number): Generator<readonly string[]> {
  const { readSync, closeSync } = process.getBuiltinModule('node:fs')
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let rest = ''
    for (;;) {
      const bytes = readSync(fd, chunk, 0, CHUNK_BYTES, null)
      if (bytes === 0) return
      const lines = (rest + chunk.toString('latin1', 0, bytes)).split('\n')
      rest = lines.pop() ?? ''
      yield lines
      // It would walk all its buckets once more, 2 ms of an empty table, to tell us that there is nothing else.
      if (bytes < PAGE_BYTES) return
    }
  } finally {
    closeSync(fd)
  }
}
