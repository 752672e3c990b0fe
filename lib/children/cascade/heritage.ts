import { childStopMs, wholeSeconds } from '../../clock/cascade.ts'
import { DEADLINE_VARIABLE } from '../../clock/deadline-record.ts'
import { descriptorPlace, type Heritage } from '../life/spawn.ts'
import type { ChildPlan } from '../plan/child-plan.ts'
import { DeadlineLine } from './deadline-line.ts'

/** What a child inherits so that a lastcall in it spends our budget, for one of its runs. */
export function heritageOf(plan: ChildPlan, graceSeconds: number): Heritage {
  const line = DeadlineLine.open()
  return {
    env: {
      // Without a line, too: that of the level above is not the child's.
      [DEADLINE_VARIABLE]: line && `${descriptorPlace(plan)}:${line.inode}`,
      TERMINATION_GRACE_PERIOD_SECONDS: String(wholeSeconds(childStopMs(graceSeconds * 1000, plan.stopTimeoutMs))),
    },
    ...(line && { line }),
  }
}
