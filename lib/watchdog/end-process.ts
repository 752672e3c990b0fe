import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/** By SIGKILL; and as PID 1, where the kernel drops that when it comes from within, by SIGTRAP. */
export function codeOfForce(): number {
  return process.pid === 1 ? 133 : 137
}

/** Ends the whole process, whatever the main thread does. */
export function endByForce(): void {
  if (process.pid !== 1) process.kill(process.pid, 'SIGKILL')
  else trap()
}

/** A fault of the process's own is forced even on PID 1: V8 executes a breakpoint that nobody handles. */
function trap(): void {
  try {
    // Else it dumps core: seven seconds and most of a gigabyte for a process of one gigabyte.
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Not ours to write, or a kernel without it: then it takes its time.
  }
  setFlagsFromString('--allow-natives-syntax')
  new Script('%SystemBreak()').runInThisContext()
}
