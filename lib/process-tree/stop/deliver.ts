import { isAlive, readStat } from '../find-linux.ts'
import { type ProcessId, sameProcess } from '../process-id.ts'

/** `ended`: nobody was there any more, or somebody else with its pid. `denied`: not ours to signal. */
export type Delivery = 'sent' | 'ended' | 'denied'

/** One signal to one process, and to no other that got its pid meanwhile. */
export function deliver(id: ProcessId, signal: NodeJS.Signals): Delivery {
  const stat = readStat(id.pid)
  if (!sameProcess(stat, id)) return 'ended'
  try {
    process.kill(id.pid, signal)
    // A stopped process handles nothing before it goes on.
    if (stat?.state === 'T' && signal !== 'SIGSTOP') process.kill(id.pid, 'SIGCONT')
    return 'sent'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' && isAlive(id) ? 'denied' : 'ended'
  }
}
