import { LastcallError } from '../errors.ts'
import { show } from '../options.ts'

/**
 * Who a process is. A pid alone is only a number that the kernel gives to somebody else later (after 32,768 forks on a
 * small machine), so nothing here signals a pid without having compared the start time.
 */
export interface ProcessId {
  /** As this process sees it: each PID namespace has its own. */
  readonly pid: number
  /** When it started. Linux: clock ticks since boot, field 22 of /proc/PID/stat; elsewhere seconds since 1970, from ps. */
  readonly startTime: number
}

export function sameProcess(a: ProcessId | undefined, b: ProcessId | undefined): boolean {
  return a !== undefined && b !== undefined && a.pid === b.pid && a.startTime === b.startTime
}

/** A key for a Map or Set. */
export function processKey(id: ProcessId): string {
  return `${id.pid}@${id.startTime}`
}

/** A pid, or one with its start time, as a caller gives it. */
export function checkProcess(given: unknown): { readonly pid: number; readonly startTime: number | undefined } {
  const { pid, startTime } =
    typeof given === 'object' && given !== null ? (given as Partial<ProcessId>) : { pid: given }
  // process.kill takes 0 and negative numbers for whole groups, ours among them.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) {
    throw new LastcallError('ERR_LASTCALL_PROCESS', `pid must be a whole number above 0, got ${show(pid)}.`)
  }
  if (startTime !== undefined && !Number.isFinite(startTime)) {
    throw new LastcallError('ERR_LASTCALL_PROCESS', `startTime must be a number, got ${show(startTime)}.`)
  }
  return { pid, startTime: startTime as number | undefined }
}

export function noSuchProcess(pid: number): LastcallError {
  return new LastcallError('ERR_LASTCALL_PROCESS', `there is no process ${pid}; it may have ended.`)
}

/** The pid is somebody else's by now. */
export function recycled(pid: number): LastcallError {
  return new LastcallError(
    'ERR_LASTCALL_PROCESS',
    `process ${pid} has ended, and its pid was given to another one. Nobody was signalled.`,
  )
}
