import type { Phase } from '../../lib/clock/phases.ts'
import type { Outcome } from '../../lib/hooks/run-hook.ts'
import type { LameDuckReport } from '../../lib/hooks/traffic-report.ts'
import type { HookReport, PhaseReport, Report } from '../../lib/report/report.ts'
import { verdictOf } from '../../lib/report/verdict.ts'

/** A clean report, changed as asked; its verdict follows from the rest. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  const body: Omit<Report, 'verdict'> = {
    outcome: 'clean',
    ended: 'done',
    exitCode: 0,
    reason: { kind: 'signal', signal: 'SIGTERM' },
    clock: { terminationGracePeriodSeconds: 30, source: 'option', reserveMs: 1_000, deadlineMs: 29_000 },
    startedAt: '2026-02-03T04:05:06.789Z',
    durationMs: 1_200,
    phases: [
      phase('preStop', 0, 0),
      phase('drain', 0, 700),
      phase('children', 700, 0),
      phase('close', 700, 400),
      phase('flush', 1_100, 100),
    ],
    hooks: [hook('http', 'drain', 0, 700), hook('postgres', 'close', 700, 400), hook('logs', 'flush', 1_100, 100)],
    tracked: { finished: 0, undone: 0 },
    servers: [],
    consumers: [],
    children: [],
    survivors: [],
    faults: [],
    signals: [{ signal: 'SIGTERM', atMs: 0, effect: 'began' }],
    errors: [],
    foreignListeners: [],
    openHandles: [],
    watchdog: { state: 'on' },
    ...changes,
  }
  return { ...body, verdict: verdictOf(body) }
}

export function sampleLameDuck(changes: Partial<LameDuckReport> = {}): LameDuckReport {
  return {
    ...{ ended: 'quiet', seconds: 4.6, planned: 10, ceiling: 11.6, beganBy: 'shutdown' },
    sources: { speaking: 0, gone: 3, rare: 0, overflow: false },
    ...{ connections: 12, requests: 14, probes: 2, untoldAtEnd: 0, lastConnectionMs: 600, blockedBy: null },
    ...{ stillSending: [], ...changes },
  }
}

export function unclean(changes: Partial<Report>): Report {
  return sampleReport({ outcome: 'unclean', exitCode: 1, ...changes })
}

export function phase(
  name: Phase,
  startedMs: number | null,
  durationMs: number,
  outcome: Outcome = 'done',
): PhaseReport {
  return { name, outcome, startedMs, durationMs, limitMs: 20_000 }
}

export function hook(
  name: string,
  of: Phase,
  startedMs: number | null,
  durationMs: number | null,
  changes: Partial<HookReport> = {},
): HookReport {
  return { name, phase: of, outcome: 'done', startedMs, durationMs, limitMs: 20_000, late: false, ...changes }
}
