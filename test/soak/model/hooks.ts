import type { HookReport, Report } from '../../../lib/report/report.ts'
import type { ChildPlan, HookPlan, Plan } from '../plan.ts'
import type { Entry, Seen } from '../play.ts'
import { NOISE_MS, READING_MS } from './noise.ts'

type Outcome = HookReport['outcome']

/** Each hook's outcome: what the app itself noted, and what its plan allows. */
export function hookFaults(plan: Plan, { journal }: Seen, report: Report): string[] {
  const begunAt = journal.find(({ what }) => what === 'begins')?.atMs as number
  const cutAt = cutOf(plan, journal)
  // One that has ended for good, and begins nothing, is forgotten; so is its name.
  const isThere = ({ name, ends }: ChildPlan): boolean => !ends || report.hooks.some((hook) => hook.name === name)
  const planned = [...plan.hooks, ...plan.children.filter(isThere)].map(({ name }) => name)
  const names = [...planned, ...(plan.jobs.length > 0 ? ['tracked work'] : [])].sort()
  const told = report.hooks.map(({ name }) => name).sort()
  if (`${told}` !== `${names}`) return [`hooks: ${told}, not ${names}`]
  return plan.hooks.flatMap((hook) => {
    const one = report.hooks.find(({ name }) => name === hook.name) as HookReport
    const entries = journal.filter(({ who }) => who === hook.name)
    return [
      ...outcomeFaults(one, happened(entries, cutAt), 'was'),
      ...outcomeFaults(one, allowed(hook, one, report, plan), 'must be'),
      ...placeFaults(hook, one, entries[0] && entries[0].atMs - begunAt),
      ...(one.outcome === 'timed out' ? limitFaults(hook, one, report, plan) : []),
    ]
  })
}

function outcomeFaults({ name, outcome }: HookReport, right: readonly Outcome[], how: string): string[] {
  return right.includes(outcome) ? [] : [`${name} is ${outcome}, and ${how} ${right.join(' or ')}`]
}

function placeFaults(hook: HookPlan, one: HookReport, startedMs: number | undefined): string[] {
  const isThere = one.phase === hook.phase && !one.late
  const isThen = startedMs === undefined || Math.abs((one.startedMs ?? -1e9) - startedMs) < NOISE_MS / 2
  return [
    ...(isThere ? [] : [`${hook.name} ran in ${one.phase}, late: ${one.late}`]),
    ...(isThen ? [] : [`${hook.name} started at ${one.startedMs} ms, and did at ${startedMs}`]),
    ...(one.outcome === 'failed' && one.error?.message !== `${hook.name} throws`
      ? [`${hook.name} failed by ${one.error?.message}`]
      : []),
  ]
}

/** Not cut before its limit, and not long after. */
function limitFaults(hook: HookPlan, one: HookReport, report: Report, plan: Plan): string[] {
  const late = Number(one.durationMs) - one.limitMs
  const own = ownLimit(hook, one, report)
  return [
    ...(late < -5 || late > NOISE_MS / 2 + blockedMs(hook, plan) ? [`${hook.name} was cut ${late} ms late`] : []),
    ...(Math.abs(own - one.limitMs) > READING_MS ? [`${hook.name} had ${one.limitMs} ms, not ${own.toFixed(0)}`] : []),
  ]
}

/** By what came first. What ends a moment before the process is ended may be in the report, or not. */
function happened([starts, ends]: readonly Entry[], cutAt: number | undefined): Outcome[] {
  if (!starts) return ['never ran']
  if (!ends || ends.what === 'exits' || ends.what === 'forced') return ['running']
  const outcome = ends.what === 'cut' ? 'timed out' : ends.what === 'returns' ? 'done' : 'failed'
  return cutAt !== undefined && ends.atMs > cutAt - 10 ? [outcome, 'running'] : [outcome]
}

/** When somebody blocked for ever, exited or forced. */
function cutOf(plan: Plan, journal: readonly Entry[]): number | undefined {
  const blockers = plan.hooks.filter(({ does }) => isForEver(does)).map(({ name }) => name)
  return journal.find(
    ({ who, what }) => what === 'exits' || what === 'forced' || (what === 'starts' && blockers.includes(who)),
  )?.atMs
}

export function isForEver(does: HookPlan['does']): boolean {
  return does === 'loop' || does === 'atomics' || does === 'native'
}

/** By the plan, with the time that the phase really had. */
function allowed(hook: HookPlan, one: HookReport, report: Report, plan: Plan): Outcome[] {
  const { does, ms } = hook
  const limit = ownLimit(hook, one, report)
  // In the middle of it everything can be cut; without time left nothing runs.
  const cut: Outcome[] = report.ended === 'done' ? [] : ['running', 'never ran']
  const none: Outcome[] = one.startedMs === null && noTimeLeft(hook, report, plan) ? ['never ran'] : []
  if (isForEver(does)) return ['running', 'never ran']
  if (does === 'exits') return [...cut, ...none, 'timed out']
  if (does === 'hangs') return [...cut, ...none, 'timed out']
  if (does === 'blocks') return [...cut, ...none, 'done']
  const natural: Outcome = does === 'waits' ? 'done' : 'failed'
  const slack = NOISE_MS / 3 + blockedMs(hook, plan)
  const inTime: Outcome[] = ms < limit + slack ? [natural] : []
  const late: Outcome[] = ms > limit - slack ? ['timed out'] : []
  return [...cut, ...none, ...inTime, ...late]
}

function ownLimit(hook: HookPlan, one: HookReport, report: Report): number {
  const phase = report.phases.find(({ name }) => name === hook.phase)
  const ofPhase = (phase?.startedMs ?? 0) + (phase?.limitMs ?? 0) - (one.startedMs ?? 0)
  return Math.min(ofPhase, hook.timeoutMs ?? Infinity)
}

/** Its phase came so late, or its neighbours held the loop so long. */
function noTimeLeft(hook: HookPlan, report: Report, plan: Plan): boolean {
  const phase = report.phases.find(({ name }) => name === hook.phase)
  return (phase?.limitMs ?? 0) < 50 + blockedMs(hook, plan)
}

/** How long hooks of the same phase hold the event loop for it. */
function blockedMs(hook: HookPlan, plan: Plan): number {
  return plan.hooks
    .filter(({ phase, does }) => phase === hook.phase && does === 'blocks')
    .reduce((sum, { ms }) => sum + ms, 0)
}
