import type { Report } from '../../../lib/report/report.ts'
import type { Plan } from '../plan.ts'
import type { Seen } from '../play.ts'
import { childFaults } from './children.ts'
import { clockFaults } from './clock.ts'
import { codeFaults, realCodeFaults } from './codes.ts'
import { diesEarly, earlyFaults } from './early.ts'
import { hookFaults, isForEver } from './hooks.ts'
import { NOISE_MS } from './noise.ts'
import { signalFaults } from './signals.ts'

/** What was not as it must be, in words; empty where the run held. From the plan and what was seen alone. */
export function faultsOf(plan: Plan, seen: Seen): string[] {
  const { report, runReport, left, stderr } = seen
  const behind = left.length > 0 ? [`left behind: ${left.join(', ')}`] : []
  if (diesEarly(plan)) return [...behind, ...earlyFaults(plan, seen)]
  if (wasKilled(seen)) return behind
  const begunAt = begunAtOf(seen)
  if (begunAt === undefined) return [`nothing began: ${stderr}`]
  const took = seen.goneAt - startOf(seen)
  const faults = [
    ...(took > plan.graceSeconds * 1_000 + NOISE_MS
      ? [`gone after ${took.toFixed(0)} ms of ${plan.graceSeconds} s`]
      : []),
    ...behind,
  ]
  if (!report) return [...faults, `no report: ${stderr}`]
  if (plan.as === 'run' && !runReport) return [...faults, `run wrote no report: ${stderr}`]
  if (wasStarved(plan, seen)) return [...faults, ...realCodeFaults(plan, seen, report)]
  if (wasKilledByRun(plan, seen)) return [...faults, ...codeFaults(plan, seen, report)]
  return [
    ...faults,
    ...endedFaults(plan, seen, report),
    ...clockFaults(plan, report),
    ...signalFaults(plan, seen, report),
    ...hookFaults(plan, seen, report),
    ...childFaults(plan, seen, report),
    ...codeFaults(plan, seen, report),
  ]
}

/** From outside, by SIGKILL: nobody is left all the same, and nothing else can be asked for. */
function wasKilled({ sent, code }: Seen): boolean {
  return code === 137 && sent.some(({ signal }) => signal === 'SIGKILL')
}

/** For a person: how near to its SIGKILL each was. */
export function timesOf(rounds: readonly { readonly plan: Plan; readonly seen: Seen }[]): string {
  const over = rounds
    .filter(({ seen }) => begunAtOf(seen) !== undefined && !wasKilled(seen))
    .map(({ plan, seen }) => seen.goneAt - startOf(seen) - plan.graceSeconds * 1_000)
  const late = over.filter((ms) => ms > 0)
  const most = late.length === 0 ? '' : `, by ${Math.max(...late).toFixed(0)} ms at the most`
  const starved = rounds.filter(({ plan, seen }) => wasStarved(plan, seen)).map(({ plan }) => plan.seed)
  const others = `${starved.length} without a core at their end${starved.length > 0 ? ` (${starved.join(', ')})` : ''}`
  return `${late.length} gone after the moment of SIGKILL${most} (allowed for the machine's noise: ${NOISE_MS} ms), ${others}`
}

/**
 * The machine had no core for it in the last tenths of a second: the watchdog, or `run`, took an end that was under way for
 * a block. What it says of itself is then not what happened; that it is gone, and nobody is left, holds all the same.
 */
export function wasStarved(plan: Plan, { journal, report, runReport }: Seen): boolean {
  const blockers = plan.hooks.filter(({ does }) => isForEver(does)).map(({ name }) => name)
  const isBlocked = journal.some(({ who, what }) => what === 'starts' && blockers.includes(who))
  // Its report was out, and it had no core to end with that: it was killed, and the code says so.
  const isKilled = report?.ended !== 'blocked' && [133, 137].includes(report?.exitCode ?? 0)
  // Its watchdog has told that it ends it from within, and `run` above was there first.
  const isPreempted = report?.ended === 'blocked' && report.exitCode === 1 && runReport?.exitCode === 137
  const isStarved = (report?.ended === 'blocked' && !isBlocked) || runReport?.hooks[0]?.outcome === 'timed out'
  // The main thread answered, and then had no core to end itself.
  const isForced = report?.blocked?.at !== undefined && report.exitCode !== 1
  return isStarved || isKilled || isPreempted || isForced
}

/** A second Ctrl-C to `run`, or a machine so busy that the watchdog below came too late: the app cannot tell any more. */
export function wasKilledByRun(plan: Plan, { runReport, report }: Seen): boolean {
  if (plan.as !== 'run' || !runReport) return false
  const isBlocked = plan.hooks.some(({ does }) => isForEver(does))
  return runReport.ended === 'forced' || (isBlocked && runReport.exitCode === 137 && report?.ended === 'in progress')
}

function begunAtOf({ journal }: Seen): number | undefined {
  return journal.find(({ who, what }) => who === 'app' && what === 'begins')?.atMs
}

/** When the first signal was sent, or when the app began it by itself, or by a child, before that. */
function startOf(seen: Seen): number {
  return Math.min(begunAtOf(seen) as number, seen.sent[0]?.atMs ?? Infinity)
}

function endedFaults(plan: Plan, { journal }: Seen, report: Report): string[] {
  const blocker = plan.hooks.find(({ does }) => isForEver(does))
  const isBlocked = blocker !== undefined && journal.some(({ who, what }) => who === blocker.name && what === 'starts')
  const exiter = plan.hooks.find(({ does }) => does === 'exits')
  const exits = exiter !== undefined && journal.some(({ who, what }) => who === exiter.name && what === 'exits')
  const isForced = report.signals.some(({ effect }) => effect === 'forced')
  // A given-up hook may call process.exit when the report is out already: then it has ended as it says.
  const expected = isBlocked
    ? ['blocked']
    : isForced
      ? ['forced', ...(exits ? ['process.exit'] : [])]
      : exits
        ? ['process.exit']
        : ['done']
  const faults = expected.includes(report.ended) ? [] : [`ended: ${report.ended}, not ${expected.join(' or ')}`]
  if (report.ended === 'process.exit' && !report.exitedBy?.at.includes('follows-plan.js')) {
    faults.push(`exitedBy: ${report.exitedBy?.at}`)
  }
  if (
    report.ended === 'blocked' &&
    blocker?.does !== 'native' &&
    report.blocked?.at === undefined &&
    report.exitCode === 1
  ) {
    faults.push('blocked by nobody')
  }
  return faults
}
