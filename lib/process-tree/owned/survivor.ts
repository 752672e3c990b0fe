import { hasEnded, readStat } from '../find-linux.ts'
import { type ProcessId, sameProcess } from '../process-id.ts'

/**
 * Why somebody who was sent SIGKILL is still there, in words; undefined for who has gone, or only waits for a core to die
 * on. Ask right before it is named.
 */
export function whySurvives(id: ProcessId): string | undefined {
  const stat = readStat(id.pid)
  if (!stat || !sameProcess(stat, id) || hasEnded(stat)) return undefined
  if (!maySignal(id.pid)) return 'no right to signal it'
  return stat.state === 'D' ? 'SIGKILL did not end it' : undefined
}

function maySignal(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM'
  }
}
