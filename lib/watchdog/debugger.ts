import { readFileSync } from 'node:fs'

/** The state of an established connection in /proc/net/tcp. @see https://docs.kernel.org/networking/proc_net_tcp.html */
const ESTABLISHED = '01'

/**
 * Whether somebody is connected to the inspector: a debugger that holds main at a breakpoint is no block. One that only
 * listens (`--inspect`) holds nobody. Where the kernel does not tell, listening is enough.
 */
export function isDebuggerAttached(inspectorUrl: string | undefined): boolean {
  const port = Number(/^ws:\/\/.*:(\d+)\//.exec(inspectorUrl ?? '')?.[1])
  if (!port) return false
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable)
  if (tables.every((table) => table === undefined)) return true
  return tables.some((table) => hasConnection(table ?? '', port))
}

/** One line a socket: its number, local address:port, remote address:port, state. */
export function hasConnection(table: string, port: number): boolean {
  return table.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    return state === ESTABLISHED && Number.parseInt(local.split(':')[1] ?? '', 16) === port
  })
}

function readTable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
