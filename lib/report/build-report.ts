import type { Grace } from '../clock/cascade.ts'
import type { Deadline } from '../clock/deadline.ts'
import { PHASES, type Phase } from '../clock/phases.ts'
import type { OrphansReport, SurvivorReport } from '../hooks/findings.ts'
import type { Reason } from '../hooks/reason.ts'
import type { HookOutcome, Outcome } from '../hooks/run-hook.ts'
import { type Exit, exitFor } from './exit-code.ts'
import type { BlockedReport, ErrorReport, ExitCall, HookReport, PhaseReport, Report, SignalReport } from './report.ts'
import { isCut, verdictOf } from './verdict.ts'

/** A phase that has begun. */
export interface PhaseRecord {
  readonly phase: Phase
  readonly startedAt: number
  readonly endedAt: number | null
  readonly limitMs: number
}

/** Everything that a shutdown noted while it ran; times are on the monotonic clock. */
export interface ShutdownRecord {
  readonly reason: Reason
  readonly grace: Grace
  readonly deadline: Deadline
  readonly startedDate: Date
  readonly phases: readonly PhaseRecord[]
  readonly outcomes: readonly HookOutcome[]
  readonly signals: readonly SignalReport[]
  readonly errors: readonly ErrorReport[]
  readonly foreignListeners: Report['foreignListeners']
  /** What was wrong before anything ran. */
  readonly faults: readonly string[]
  readonly forcedBy: NodeJS.Signals | undefined
  readonly appExitCode: number | undefined
  readonly onTerminal: boolean
  readonly pod?: Report['pod'] | undefined
  readonly watchdog: Report['watchdog']
}

/** What of the record is true at this moment. */
export interface Moment {
  readonly ended: Report['ended']
  readonly at: number
  readonly openHandles: readonly string[]
  /** With `blocked`: what the watchdog found, and the code that it ends the process with. */
  readonly blocked?: {
    readonly what: BlockedReport
    readonly exitCode: number
    readonly survivors: readonly SurvivorReport[]
  }
  readonly orphans: OrphansReport | undefined
  readonly exitedBy?: ExitCall | undefined
}

export function buildReport(record: ShutdownRecord, moment: Moment): { report: Report; exit: Exit } {
  const since = (time: number): number => Math.round(time - record.deadline.startedAt)
  const findings = record.outcomes.map((outcome) => outcome.findings ?? {})
  const survivors = [...findings.flatMap((found) => found.survivors ?? []), ...(moment.blocked?.survivors ?? [])]
  const tracked = findings.reduce(
    (sum, { tracked: one }) => ({
      finished: sum.finished + (one?.finished ?? 0),
      undone: sum.undone + (one?.undone ?? 0),
    }),
    { finished: 0, undone: 0 },
  )
  const servers = findings.flatMap((found) => found.servers ?? [])
  const consumers = findings.flatMap((found) => found.consumers ?? [])
  // Of a library that does not count, what had to be forced was at least one job.
  const handedBack = consumers.reduce((sum, { handedBack, forced }) => sum + (handedBack ?? Number(forced)), 0)
  const cut = servers.reduce((sum, server) => sum + server.cut, 0)
  const undone = tracked.undone + handedBack
  const hookFault = record.outcomes.some((outcome) => outcome.outcome !== 'done' && !isWorkCut(outcome))
  const faults = [...record.faults, ...findings.flatMap((found) => found.faults ?? [])]
  const faulty = hookFault || survivors.length > 0 || faults.length > 0 || cut > 0
  const commandCode = findings.find((found) => found.exitCode !== undefined)?.exitCode
  const exit: Exit = moment.blocked
    ? { code: moment.blocked.exitCode }
    : exitFor({ ...record, errors: record.errors.length, undone, faulty, commandCode })
  const orphans = findings.find((found) => found.orphans)?.orphans ?? moment.orphans
  const lameDuck = findings.find((found) => found.lameDuck)?.lameDuck
  const inProgress = moment.ended === 'in progress'
  const clean = moment.ended === 'done' && !faulty && undone === 0 && record.errors.length === 0
  const body: Omit<Report, 'verdict'> = {
    outcome: clean ? 'clean' : 'unclean',
    ended: moment.ended,
    exitCode: inProgress ? null : exit.code,
    ...(moment.exitedBy && { exitedBy: moment.exitedBy }),
    reason: reasonReport(record.reason),
    clock: {
      terminationGracePeriodSeconds: record.grace.seconds,
      source: record.grace.source,
      ...(record.grace.preStopSeconds ? { preStopSeconds: record.grace.preStopSeconds } : {}),
      ...(record.grace.ignored && { ignored: record.grace.ignored }),
      reserveMs: Math.round(record.deadline.reserveMs),
      deadlineMs: since(record.deadline.at),
    },
    ...(record.pod && { pod: record.pod }),
    startedAt: record.startedDate.toISOString(),
    durationMs: since(moment.at),
    phases: PHASES.map((phase) => phaseReport(phase, record, moment.at, since)),
    hooks: record.outcomes.map((outcome) => hookReport(outcome, since)),
    tracked,
    ...(lameDuck && { lameDuck }),
    servers,
    consumers,
    children: findings.flatMap((found) => found.children ?? []),
    survivors,
    ...(orphans && { orphans }),
    faults,
    signals: record.signals,
    errors: record.errors,
    foreignListeners: record.foreignListeners,
    openHandles: moment.openHandles,
    watchdog: record.watchdog,
    ...(moment.blocked && { blocked: moment.blocked.what }),
  }
  // A person who opens the file reads the verdict first.
  const { outcome, ended, exitCode, ...rest } = body
  return { report: { outcome, ended, exitCode, verdict: verdictOf(body), ...rest }, exit }
}

/** Work that met the cutoff, tracked or a consumer's, is counted as undone, not as a hook that failed. */
function isWorkCut({ findings, outcome }: HookOutcome): boolean {
  return outcome === 'timed out' && (findings?.tracked !== undefined || findings?.consumers?.some(isCut) === true)
}

function reasonReport({ kind, signal, message, child }: Reason): Report['reason'] {
  return { kind, ...(signal && { signal }), ...(message && { message }), ...(child && { child }) }
}

/** From the best to the worst. */
const RANK: readonly Outcome[] = ['done', 'never ran', 'running', 'timed out', 'failed']

function phaseReport(phase: Phase, record: ShutdownRecord, at: number, since: (time: number) => number): PhaseReport {
  const begun = record.phases.find((one) => one.phase === phase)
  if (!begun) return { name: phase, outcome: 'never ran', startedMs: null, durationMs: 0, limitMs: 0 }
  const ranks = record.outcomes
    .filter((one) => one.phase === phase && !one.late)
    .map((one) => RANK.indexOf(one.outcome))
  return {
    name: phase,
    outcome: begun.endedAt === null ? 'running' : (RANK[Math.max(0, ...ranks)] ?? 'done'),
    startedMs: since(begun.startedAt),
    durationMs: Math.round((begun.endedAt ?? at) - begun.startedAt),
    limitMs: Math.round(begun.limitMs),
  }
}

function hookReport(one: HookOutcome, since: (time: number) => number): HookReport {
  return {
    name: one.name,
    phase: one.phase,
    outcome: one.outcome,
    startedMs: one.startedAt === null ? null : since(one.startedAt),
    durationMs: one.startedAt === null || one.endedAt === null ? null : Math.round(one.endedAt - one.startedAt),
    limitMs: Math.round(one.limitMs),
    late: one.late,
    ...(one.how && { how: one.how }),
    ...('error' in one && { error: errorText(one.error) }),
  }
}

/** `fetch failed` says nothing, and its cause all: ECONNREFUSED. */
function withCause(message: string, cause: unknown): string {
  const { message: text, code } = Object(cause) as NodeJS.ErrnoException
  const why = [text, code].find((one) => typeof one === 'string' && one !== '')
  return why === undefined || message.includes(why) ? message : `${message} (${why})`
}

/** What was thrown, which need not be an Error, nor be safe to read. */
export function errorText(error: unknown): { message: string; stack?: string } {
  try {
    // Object: null and undefined can be thrown, and have no members to read.
    const { message, stack, cause } = Object(error) as Error
    if (typeof message === 'string') {
      return { message: withCause(message, cause), ...(typeof stack === 'string' && { stack }) }
    }
    return { message: String(error) }
  } catch {
    return { message: 'something was thrown that cannot be shown' }
  }
}
