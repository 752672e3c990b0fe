import { constants } from 'node:os'
import type { Report } from '../../../lib/report/report.ts'
import { endsInAll, type Plan } from '../plan.ts'
import type { Seen } from '../play.ts'
import { NOISE_MS } from './noise.ts'

/** The exit code by the table, in the report and of the process, and what it stands on. */
export function codeFaults(plan: Plan, { code, runReport }: Seen, report: Report): string[] {
  const faults: string[] = []
  if (plan.as === 'run' && runReport) {
    const forcedBy = runReport.signals.find(({ effect }) => effect === 'forced')?.signal
    const killed = forcedBy ? numberOf(forcedBy) : 137
    const right = runReport.ended === 'forced' || report.exitCode === null ? killed : report.exitCode
    if (code !== right || runReport.exitCode !== right) {
      faults.push(`run ends with ${code}, its report says ${runReport.exitCode}, the table ${right}`)
    }
    if (runReport.survivors.length > 0) faults.push(`run: ${runReport.verdict}`)
    // A service that has told its end, and blocks nothing, leaves nobody for `run` to kill; a guard is no fault of anybody's.
    if (
      !['in progress', 'blocked'].includes(report.ended) &&
      runReport.ended === 'done' &&
      (runReport.children[0]?.killed ?? 0) > 0
    ) {
      faults.push(`run: ${runReport.faults}`)
    }
    if (report.exitCode === null || runReport.ended === 'forced') return faults
    if (runReport.children[0]?.code !== right && code < 129) faults.push(`run saw ${runReport.children[0]?.code}`)
  } else if (code !== report.exitCode) {
    faults.push(`ends with ${code}, and the report says ${report.exitCode}`)
  }
  const right = byTable(plan, report)
  if (report.exitCode !== right) faults.push(`exit code ${report.exitCode}, by the table ${right}`)
  const isClean =
    report.ended === 'done' &&
    !isFaulty(report) &&
    !hasFailed(plan, report) &&
    report.errors.length + report.tracked.undone === 0
  if ((report.outcome === 'clean') !== isClean) faults.push(`${report.outcome}: ${report.verdict}`)
  if (report.survivors.length > 0) faults.push(report.verdict)
  return [...faults, ...errorFaults(plan, report), ...workFaults(plan, report)]
}

/** Whatever the machine did: a report that is out tells the code that the process ends with. */
export function realCodeFaults(plan: Plan, { code, runReport }: Seen, report: Report): string[] {
  const told = plan.as === 'run' && runReport ? runReport.exitCode : report.exitCode
  return code === told ? [] : [`ends with ${code}, and the report says ${told}`]
}

function byTable(plan: Plan, report: Report): number {
  const forcedBy = report.signals.find(({ effect }) => effect === 'forced')?.signal
  if (report.ended === 'blocked') return report.blocked?.at ? 1 : plan.pid1 && plan.as === 'library' ? 133 : 137
  if (forcedBy) return numberOf(forcedBy)
  if (report.errors.length > 0) return 1
  if (report.tracked.undone > 0) return report.reason.signal === 'SIGTERM' ? 143 : 1
  const began = plan.children.find(({ name }) => name === report.reason.child)
  // Its own where it is significant; one that failed for good is no success.
  if (began) return (began.significant && began.ends?.code) || (endsInAll(began) > 1 || !began.significant ? 1 : 0)
  return isFaulty(report) || hasFailed(plan, report) ? 1 : (plan.exitCode ?? 0)
}

/** A hook that was not done; tracked work that met the cutoff is counted in tasks. */
function isFaulty({ hooks, children }: Report): boolean {
  const isWrong = hooks.some(
    ({ name, outcome }) => outcome !== 'done' && !(name === 'tracked work' && outcome === 'timed out'),
  )
  return isWrong || children.some(({ killed }) => killed > 0)
}

/** The child that began it has failed for good; so may another one have, in the same moment. */
function hasFailed({ children }: Plan, { faults, reason }: Report): boolean {
  const began = children.find(({ name }) => name === reason.child)
  if (began && (endsInAll(began) > 1 || began.ends?.code !== 0)) return true
  return children.some(({ name, ends }) => ends && faults.some((fault) => fault.startsWith(`${name} `)))
}

function errorFaults(plan: Plan, { errors, reason }: Report): string[] {
  const messages = errors.map(({ message }) => message)
  // It may come in the middle of a shutdown that a signal began, or too late for it.
  const right = plan.begins !== 'error' ? errors.length === 0 : messages.every((message) => message === 'as planned')
  const isThere = reason.kind !== 'error' || errors.length === 1
  return right && isThere ? [] : [`errors: ${messages}`]
}

/** Who never ends is undone, who needs little is finished, unless drain had next to no time. */
function workFaults(plan: Plan, { tracked, phases, hooks }: Report): string[] {
  const work = hooks.find(({ name }) => name === 'tracked work')
  if (work?.outcome !== 'done' && work?.outcome !== 'timed out') return []
  const limitMs = phases.find(({ name }) => name === 'drain')?.limitMs ?? 0
  const endless = plan.jobs.filter((ms) => ms === null).length
  const tight = plan.jobs.filter((ms) => ms !== null && ms > limitMs * 0.9 - NOISE_MS / 2).length
  const isRight = tracked.undone >= endless && tracked.undone <= endless + tight
  const isAll = tracked.undone + tracked.finished === plan.jobs.length
  return isRight && isAll ? [] : [`tracked: ${JSON.stringify(tracked)} of ${JSON.stringify(plan.jobs)}`]
}

function numberOf(signal: string): number {
  return 128 + constants.signals[signal as NodeJS.Signals]
}
