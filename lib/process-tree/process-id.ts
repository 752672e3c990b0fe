/**
 * Who a process is. A pid alone is only a number that the kernel gives to somebody else later (after 32,768 forks on a
 * small machine), so nothing here signals a pid without having compared the start time.
 */
export interface ProcessId {
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
