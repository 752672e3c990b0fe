import { readFileSync } from 'node:fs'
import { performance } from '../../real-time.ts'
import { ownTasks, taskIds } from '../../report/worker-threads.ts'

/** The numbers of the calls in which an idle thread sleeps: futex, epoll_wait, epoll_pwait. */
const IDLE: Readonly<Record<string, readonly string[]>> = {
  x64: ['202', '232', '281'],
  arm64: ['98', '22'],
}

/**
 * Whether a thread of this process works for `forMs`, or waits for a disk or a name server: all but the main thread, ours, and those
 * that sleep until somebody has work for them. False where the kernel does not tell.
 */
export function isAnyThreadBusy(forMs: number): boolean {
  const idle = IDLE[process.arch]
  if (!idle) return false
  const until = performance.now() + forMs
  let busy = taskIds().filter((id) => id !== String(process.pid) && !ownTasks.has(id))
  for (;;) {
    busy = busy.filter((id) => isBusy(id, idle))
    if (busy.length === 0 || performance.now() > until) return busy.length > 0
    pause(2)
  }
}

/** Blocks the thread. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** One line: the number of the call and what it was given, or `running`. */
function isBusy(id: string, idle: readonly string[]): boolean {
  try {
    return !idle.includes(readFileSync(`/proc/self/task/${id}/syscall`, 'utf8').trim().split(' ')[0] as string)
  } catch {
    // It has ended, or the kernel was built without that.
    return false
  }
}
