import type { Report } from '../../../lib/report/report.ts'
import type { Plan } from '../plan.ts'
import { READING_MS } from './noise.ts'

const PHASES = ['preStop', 'drain', 'children', 'close', 'flush']
/** What each phase is guaranteed of the time until the deadline, and at the most in milliseconds. */
const SHARES: Record<string, [part: number, maxMs: number]> = {
  preStop: [0, 0],
  drain: [0.2, 10_000],
  children: [0.2, 10_000],
  close: [0.1, 3_000],
  flush: [0.1, 3_000],
}

/** The deadline and each phase's limit, by the rules of the clock. */
export function clockFaults(plan: Plan, report: Report): string[] {
  const { clock, phases } = report
  const graceMs = clock.terminationGracePeriodSeconds * 1_000
  const faults: string[] = []
  const isOwn = plan.as === 'library'
  if (isOwn && (graceMs !== plan.graceSeconds * 1_000 || clock.source !== 'option')) {
    faults.push(`grace: ${graceMs} ms by ${clock.source}`)
  }
  // `run` keeps its own reserve, and tells what is left; it needs a moment until it does.
  const ofRun = plan.graceSeconds * 1_000 - reserveMs(plan.graceSeconds * 1_000)
  if (!isOwn && (clock.source !== 'parent' || graceMs > ofRun || graceMs < ofRun - 600)) {
    faults.push(`grace: ${graceMs} ms by ${clock.source}, run has ${ofRun} ms`)
  }
  if (Math.abs(clock.deadlineMs - (graceMs - reserveMs(graceMs))) > 1) faults.push(`deadline: ${clock.deadlineMs} ms`)
  const used = usedPhases(plan, report)
  let endedMs = 0
  for (const { name, startedMs, durationMs, limitMs } of phases) {
    if (startedMs === null) break
    const later = PHASES.slice(PHASES.indexOf(name) + 1).filter((one) => used.has(one))
    const kept = later.reduce((sum, one) => sum + guaranteeMs(one, clock.deadlineMs), 0)
    const whole = Math.max(0, clock.deadlineMs - startedMs - kept)
    const isShort = name === 'drain' && report.reason.kind === 'error'
    const limit = isShort ? Math.min(whole, used.has('drain') ? guaranteeMs('drain', clock.deadlineMs) : 0) : whole
    if (Math.abs(limit - limitMs) > READING_MS) faults.push(`${name} had ${limitMs} ms, not ${limit.toFixed(0)}`)
    if (Math.abs(startedMs - endedMs) > READING_MS) faults.push(`${name} started at ${startedMs} ms, not ${endedMs}`)
    endedMs = startedMs + durationMs
  }
  const lastMs =
    report.ended === 'blocked' ? clock.deadlineMs + clock.reserveMs : clock.deadlineMs + clock.reserveMs / 2
  if (report.durationMs > lastMs + READING_MS) faults.push(`took ${report.durationMs} ms of ${clock.deadlineMs}`)
  return faults
}

function usedPhases(plan: Plan, { hooks }: Report): Set<string> {
  return new Set([
    ...plan.hooks.map(({ phase }) => phase),
    ...(plan.jobs.length > 0 ? ['drain'] : []),
    // One that has ended for good before has no hook any more.
    ...(plan.children.some((child) => hooks.some(({ name }) => name === child.name)) ? ['children'] : []),
  ])
}

function guaranteeMs(phase: string, totalMs: number): number {
  const [part, maxMs] = SHARES[phase] as [number, number]
  return Math.min(part * totalMs, maxMs)
}

function reserveMs(graceMs: number): number {
  return Math.max(200, Math.min(1_000, graceMs / 10))
}
