import type { Cluster } from 'node:cluster'
import { oneLine } from './one-line.ts'
import type { WorkerThread } from './worker-threads.ts'

/** More lines than this nobody reads; a leak of timers or sockets is one line anyhow. */
const MOST = 20

/** Undocumented, but in every Node from 20 to 26; it leaves out what is unref'd. */
type WithHandles = typeof process & { _getActiveHandles?: () => unknown[] }

/**
 * What holds the event loop now, in words, equal ones counted: `server on 127.0.0.1:8080`, `timer × 3`. Our own
 * stdout and stderr are left out, and what is unref'd. Never throws.
 */
export function openHandles(threads: readonly WorkerThread[] = []): string[] {
  const names = [...handleNames(threads), ...threads.map(threadName), ...resourceNames()].map((name) =>
    oneLine(name, 160),
  )
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const lines = [...counts].map(([name, count]) => (count > 1 ? `${name} × ${count}` : name))
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more kinds`] : lines
}

/** What may be found on a handle; which of it there is depends on its kind. */
interface Handle {
  readonly fd?: unknown
  readonly pid?: number
  readonly spawnfile?: string
  readonly stdio?: readonly unknown[]
  readonly listening?: boolean
  readonly destroyed?: boolean
  readonly connecting?: boolean
  readonly readableFlowing?: boolean | null
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localPort?: number | undefined
  /** Of an accepted connection: who accepted it. */
  readonly server?: Handle | null
  readonly type?: string
  readonly address?: () => string | { address?: string; port?: number } | null
}

function threadName({ id, name }: WorkerThread): string {
  return `worker thread ${id}${name ? ` (${name})` : ''}`
}

function handleNames(threads: readonly WorkerThread[]): string[] {
  try {
    const handles = ((process as WithHandles)._getActiveHandles?.() ?? []) as Handle[]
    const children = handles.filter((handle) => typeof handle.spawnfile === 'string')
    // A child's own pipes are the child, a thread's port the thread: they would say the same thing again.
    const known = new Set<unknown>([
      ...children.flatMap((child) => child.stdio ?? []),
      ...threads.flatMap(({ ports }) => ports),
    ])
    return handles.filter((handle) => !known.has(handle)).flatMap(handleName)
  } catch {
    return []
  }
}

function handleName(handle: Handle): string[] {
  const kind = (handle as object).constructor?.name ?? 'something'
  try {
    if (handle.fd === 1 || handle.fd === 2 || isClosed(handle)) return []
    // Node opens stdin when somebody looks at it; it holds the loop only while it is read.
    if (handle.fd === 0) return handle.readableFlowing ? ['stdin, which is being read'] : []
    return [NAMES[kind]?.(handle) ?? nameByShape(handle, kind)]
  } catch {
    return [kind]
  }
}

/** Node lists one until the next turn of the event loop, and the last of them are closed in the last turn. */
function isClosed({ destroyed, listening }: Handle): boolean {
  return destroyed === true || (listening === false && !isPrimaryOfWorkers())
}

/** Node takes a listener that it shares with workers off its server, which looks closed, and listens on. */
function isPrimaryOfWorkers(): boolean {
  const { isPrimary, workers } = process.getBuiltinModule('node:cluster') as unknown as Cluster
  return isPrimary && Object.keys(workers ?? {}).length > 0
}

const NAMES: Readonly<Record<string, (handle: Handle) => string>> = {
  ChildProcess: ({ pid, spawnfile }) => `child process ${pid} (${spawnfile})`,
  FSWatcher: () => 'file watcher (fs.watch)',
  StatWatcher: () => 'file watcher (fs.watchFile)',
  MessagePort: () => 'message port (of a worker thread or a MessageChannel)',
  Pipe: () => 'IPC channel (of a child or to the parent)',
}

function nameByShape(handle: Handle, kind: string): string {
  if (typeof handle.type === 'string' && handle.type.startsWith('udp')) return `UDP socket on ${addressOf(handle)}`
  if ('listening' in handle && handle.address) return `server on ${addressOf(handle)}`
  if (!('remoteAddress' in handle)) return kind
  if (handle.connecting) return 'socket that is being connected'
  if (handle.remoteAddress === undefined) {
    return handle.server ? `connection on ${addressOf(handle.server)}` : 'pipe (a Unix socket, or the stdio of a child)'
  }
  // The client's own port would make each of a thousand connections a line of its own.
  if (handle.server) return `connection from ${handle.remoteAddress} on port ${handle.localPort}`
  return `socket to ${hostAndPort(handle.remoteAddress, handle.remotePort)}`
}

function addressOf(handle: Handle): string {
  const found = handle.address?.()
  if (typeof found === 'string') return found
  return found?.address === undefined ? 'an unknown address' : hostAndPort(found.address, found.port)
}

function hostAndPort(host: string, port: number | undefined): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Timers and requests are no handles: Node only counts them, by kind. */
function resourceNames(): string[] {
  try {
    return process.getActiveResourcesInfo().flatMap((kind) => RESOURCES.find(([kinds]) => kinds.test(kind))?.[1] ?? [])
  } catch {
    return []
  }
}

/** Node lists neither crypto nor compression, and since 26 no file system requests. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [/^Timeout$/, 'timer'],
  [/^FSReq/, 'file system request'],
  [/^Get(Addr|Name)InfoReq/, 'DNS look-up'],
]
