import { hrtime } from '../../real-time.ts'
import { readEnvironment } from '../cookie.ts'
import type { ProcessStat } from '../find-linux.ts'
import { processKey } from '../process-id.ts'

/** In the environment of a guard, the process that ends the trees of a lastcall when that has gone. */
export const GUARD_MARK = 'LASTCALL_GUARD'

/** Who was looked at when it was so old has exec'd what it is. In clock ticks, of a hundredth of a second. */
const SETTLED_TICKS = 200

/**
 * Which members are the guard of a lastcall in the tree. It hears no signal, and ends by itself as soon as its service
 * has gone: it is waited for, but nobody tells it, and nobody is to blame for it.
 */
export class Guards {
  readonly #known = new Map<string, boolean>()

  has(stat: ProcessStat): boolean {
    // It leads a session of its own: the environment of all others need not be read.
    if (stat.sid !== stat.pid) return false
    const known = this.#known.get(processKey(stat))
    if (known !== undefined) return known
    const isGuard = `\0${readEnvironment(stat.pid) ?? ''}`.includes(`\0${GUARD_MARK}=`)
    // Until it execs it has the environment of its service.
    if (isGuard || ageTicks(stat) > SETTLED_TICKS) this.#known.set(processKey(stat), isGuard)
    return isGuard
  }
}

function ageTicks({ startTime }: ProcessStat): number {
  // CLOCK_MONOTONIC, which stands still while the machine sleeps: too young is looked at once more.
  return Number(hrtime()) / 1e7 - startTime
}
