import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { debugLog } from '../../debug-log.ts'

const log = debugLog('reap')

/** Reaps this child if it has ended; true when it has. */
export type ExactWait = (pid: number) => boolean

/** Linux alone has the second: children that another thread has started are left to that thread. */
const WNOHANG = 1
const WNOTHREAD = 0x20000000

interface Koffi {
  load(library: null): { func(signature: string): (pid: number, status: null, options: number) => number }
}

/**
 * `waitpid` for one pid, through koffi where that is installed: by lastcall, by the program that runs, or where we stand.
 * Never for any pid, -1: that would take the exits of Node's own children, and their 'exit' would not come.
 */
export function exactWait(): ExactWait | undefined {
  const { createRequire } = process.getBuiltinModule('node:module')
  for (const from of whereFrom()) {
    try {
      const koffi = createRequire(from)('koffi') as Koffi
      const waitpid = koffi.load(null).func('int waitpid(int pid, void *status, int options)')
      return (pid) => waitpid(pid, null, WNOHANG | WNOTHREAD) === pid
    } catch (error) {
      log('no koffi from %s: %s', from, (error as Error).message)
    }
  }
  return undefined
}

/** A name that no bundler follows. */
function whereFrom(): string[] {
  const main = process.argv[1]
  const here = join(process.cwd(), 'main.js')
  if (main === undefined) return [here]
  try {
    return [realpathSync(main), main, here]
  } catch {
    return [here]
  }
}
