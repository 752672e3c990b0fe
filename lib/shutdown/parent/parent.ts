import { fstatSync, readSync } from 'node:fs'
import type { Socket, SocketConstructorOpts } from 'node:net'
import { type DeadlineRecord, RECORD_BYTES, readPlace, readRecord } from '../../clock/deadline-record.ts'
import { debugLog } from '../../debug-log.ts'
import { hrtime } from '../../real-time.ts'

const debug = debugLog('parent')

/** Who is told what the parent said. */
export interface ParentHandlers {
  /** It signals next, and sends SIGKILL in `leftMs`. `isDirect`: we are its own child, and no shell is between. */
  readonly announced: (leftMs: number, isDirect: boolean) => void
  /** It has gone without a word. */
  readonly gone: () => void
}

/** The line to a lastcall above us. */
export interface Parent {
  /** What it has said by now: a signal may be seen before the line is read. */
  look(): void
  close(): void
}

/** What Node keeps below a socket: undocumented, and in every Node from 20 to 26. */
type Handled = Socket & { _handle: { close(): void } | null }

const NOBODY: Parent = { look: () => {}, close: () => {} }

/**
 * Listens to the lastcall that supervises us, if there is one. `place` is the descriptor that it handed down, with its
 * inode: a program between us may have closed it, and the number is then anything else. It does not hold the event loop.
 */
export function listenToParent(place: string | undefined, handlers: ParentHandlers): Parent {
  const found = readPlace(place)
  if (!found || !isInherited(found)) return NOBODY
  const { fd } = found
  // Loaded now: who has no such parent does not pay for it.
  const { Socket } = process.getBuiltinModule('node:net')
  const bytes = new Uint8Array(RECORD_BYTES)
  let line: Handled | undefined
  // Not by `destroy`: that opens `process.stderr`, and makes its pipe non-blocking for whoever else writes to it.
  const close = (): void => {
    if (!line) return
    const handle = line._handle
    line._handle = null
    line = undefined
    handle?.close()
  }
  const take = (length: number): void => {
    const record = readRecord(bytes.subarray(0, length))
    if (!line || !record) return
    // One record and no more: others below us may share the descriptor.
    close()
    const leftMs = Number(record.deadlineNs - hrtime()) / 1e6
    debug('the parent sends SIGKILL in %d ms', Math.round(leftMs))
    handlers.announced(leftMs, isDirectChild(record))
  }
  // What is not taken stays in the kernel: an ordinary stream would read 64 KiB at once.
  const onread = {
    buffer: bytes,
    callback: (length: number): boolean => {
      take(length)
      return line !== undefined
    },
  }
  try {
    line = new Socket({ fd, readable: true, writable: false, onread } as SocketConstructorOpts) as Handled
  } catch (error) {
    debug('descriptor %d cannot be read: %s', fd, (error as Error).message)
    return NOBODY
  }
  line
    .on('error', () => {})
    .once('close', () => {
      if (!line) return
      line = undefined
      debug('the parent has gone')
      handlers.gone()
    })
    .unref()
  return {
    look: () => {
      if (!line) return
      try {
        take(readSync(fd, bytes))
      } catch {
        // Nothing has been said.
      }
    },
    close,
  }
}

function isInherited({ fd, inode }: { readonly fd: number; readonly inode: number }): boolean {
  try {
    const found = fstatSync(fd)
    return found.isSocket() && found.ino === inode
  } catch {
    return false
  }
}

function isDirectChild({ pid }: DeadlineRecord): boolean {
  return pid !== undefined && pid === process.ppid
}
