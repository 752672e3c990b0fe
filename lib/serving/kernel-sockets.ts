import { debugLog } from '../debug-log.ts'

const debug = debugLog('serving')

/** A TCP socket as the kernel lists it: one row of /proc/net/tcp or tcp6. */
export interface KernelSocket {
  readonly localPort: number
  readonly remotePort: number
  /** In hexadecimal: 01 ESTABLISHED, 03 SYN_RECV, 04 FIN_WAIT1, 0A LISTEN. */
  readonly state: string
  /** Bytes that the peer has not acknowledged. */
  readonly unsent: number
  /** Bytes that nobody has read; of a listener, connections that nobody has accepted. */
  readonly waiting: number
  readonly inode: number
}

/** The rows of one local port; undefined where the kernel does not tell (no Linux, no /proc). */
export function socketsOfPort(port: number): KernelSocket[] | undefined {
  if (process.platform !== 'linux') return undefined
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const mark = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  const rows: KernelSocket[] = []
  let tables = 0
  for (const path of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    let text: string
    try {
      text = readFileSync(path, 'latin1')
    } catch {
      continue
    }
    tables++
    for (const line of text.split('\n')) if (line.indexOf(mark) >= 0) addRow(rows, line, port)
  }
  debug('%s sockets on port %s', tables > 0 ? rows.length : 'nobody tells of', port)
  return tables > 0 ? rows : undefined
}

/** `  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 …` */
function addRow(rows: KernelSocket[], line: string, port: number): void {
  const [, local = '', remote = '', state = '', queues = '', , , , , inode = ''] = line.trim().split(/\s+/)
  if (portOf(local) !== port) return
  const [unsent = '', waiting = ''] = queues.split(':')
  rows.push({
    localPort: port,
    remotePort: portOf(remote),
    state,
    unsent: Number.parseInt(unsent, 16),
    waiting: Number.parseInt(waiting, 16),
    inode: Number(inode),
  })
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16)
}
