import { Buffer } from 'node:buffer'

/** The environment variable that names the inherited descriptor, and the inode by which it is known: `3:123456`. */
export const DEADLINE_VARIABLE = 'LASTCALL_FD'

/** A reader takes exactly one record, so that it leaves the others to those who share the descriptor. */
export const RECORD_BYTES = 64

/** More lastcalls than these in one tree, and the last ones have only the duration. All of it is 16 KiB. */
const RECORDS = 256

/** What a parent says before it signals. */
export interface DeadlineRecord {
  /** When it will send SIGKILL: CLOCK_MONOTONIC in nanoseconds, the same for all processes of a machine. */
  readonly deadlineNs: bigint
  /** Whose direct child begins its shutdown with this. Without it nobody does: the signal begins it. */
  readonly pid?: number
}

export function writeRecords({ deadlineNs, pid }: DeadlineRecord): Buffer {
  const text = JSON.stringify({ deadlineNs: String(deadlineNs), ...(pid !== undefined && { pid }) })
  return Buffer.alloc(RECORDS * RECORD_BYTES, text.padEnd(RECORD_BYTES))
}

/** Undefined for anything else: the descriptor may be in the hands of programs that we do not know. */
export function readRecord(bytes: Uint8Array): DeadlineRecord | undefined {
  if (bytes.length !== RECORD_BYTES) return undefined
  try {
    const { deadlineNs, pid } = Object(JSON.parse(Buffer.from(bytes).toString('latin1')))
    if (typeof deadlineNs !== 'string' || !/^\d{1,20}$/.test(deadlineNs)) return undefined
    return { deadlineNs: BigInt(deadlineNs), ...(Number.isInteger(pid) && { pid }) }
  } catch {
    return undefined
  }
}

/** `3:123456` in parts; undefined where it is no such thing. */
export function readPlace(text: string | undefined): { readonly fd: number; readonly inode: number } | undefined {
  const [, fd, inode] = /^(\d{1,7}):(\d{1,15})$/.exec(text ?? '') ?? []
  return fd !== undefined && Number(fd) > 2 ? { fd: Number(fd), inode: Number(inode) } : undefined
}
