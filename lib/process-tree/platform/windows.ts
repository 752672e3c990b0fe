import { promisify } from 'node:util'
import { LastcallError } from '../../errors.ts'
import { performance, sleep } from '../../real-time.ts'
import type { TreeProcess } from '../list-tree.ts'
import { noSuchProcess } from '../process-id.ts'
import type { Platform } from './platform.ts'

const LIMIT_MS = 5_000

/**
 * `pidtree` lists, `tree-kill` ends by taskkill /T /F. Windows has no signals: nothing is told first, whatever the grace.
 * Its pids come without a start time.
 */
export const windows: Platform = {
  list: ({ pid }) => list(pid),

  async kill({ pid }) {
    const startedAt = performance.now()
    const before = await list(pid)
    const { default: treeKill } = await import('tree-kill')
    const end = promisify<number, string>(treeKill)
    // taskkill /T would begin with ourselves.
    const tops = pid === process.pid ? before.filter((one) => one.ppid === pid) : [{ pid }]
    // It fails for who has ended meanwhile; the list below tells who is left.
    await Promise.all(tops.map((one) => end(one.pid, 'SIGKILL').catch(() => {})))
    let survivors = before
    while (survivors.length > 0 && performance.now() - startedAt < LIMIT_MS) {
      await sleep(50)
      survivors = await list(pid).catch(() => [])
    }
    const killed = before.length - survivors.length
    return { told: [], ended: 0, killed, survivors, denied: [], durationMs: performance.now() - startedAt }
  },

  killSync() {
    throw new LastcallError('ERR_LASTCALL_PROCESS', 'killTreeSync works on Linux only. Use killTree.')
  },
}

async function list(root: number): Promise<TreeProcess[]> {
  const { default: pidtree } = await import('pidtree')
  const found = await pidtree(root, { root: true, advanced: true }).catch(() => {
    throw noSuchProcess(root)
  })
  const others = found.filter(({ pid }) => pid !== process.pid)
  return others.map(({ pid, ppid }) => ({
    ...{ pid, ppid, startTime: 0, command: `[${pid}]`, state: '' },
    foundBy: pid === root ? 'root' : 'descent',
  }))
}
