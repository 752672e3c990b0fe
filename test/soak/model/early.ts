import { constants } from 'node:os'
import type { Plan } from '../plan.ts'
import type { Seen } from '../play.ts'

/** A signal before `createShutdown` meets the default action; as PID 1 the kernel drops it, and nothing has happened. */
export function diesEarly({ early, pid1, as }: Plan): boolean {
  return early !== null && !(pid1 && as === 'library')
}

/** Dead at once of that signal, and nothing else: below `run` it has the same end, and that is told. */
export function earlyFaults(plan: Plan, { code, journal, report, runReport }: Seen): string[] {
  const right = 128 + constants.signals[plan.early as NodeJS.Signals]
  const faults = code === right ? [] : [`${plan.early} came early, and it ends with ${code}`]
  if (report || journal.length > 0) faults.push('something began all the same')
  if (plan.as === 'library') return faults
  const { ended, exitCode, reason } = runReport ?? {}
  if (ended !== 'done' || exitCode !== right || reason?.signal !== plan.early) {
    faults.push(`run: ${ended} by ${reason?.signal}, ${exitCode}`)
  }
  return faults
}
