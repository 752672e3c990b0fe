import type { LameDuckReport } from '../../hooks/traffic-report.ts'
import { type Plan, silenceOf } from './rule.ts'
import type { Source, Sources } from './sources.ts'
import type { Times } from './times.ts'

const NOBODY = { speaking: 0, gone: 0, rare: 0, overflow: false }

/** There was none. */
export function skipped(why: string): LameDuckReport {
  return {
    ...{ ended: 'skipped', why, seconds: 0, planned: 0, ceiling: 0, beganBy: 'shutdown', sources: NOBODY },
    ...{ connections: 0, requests: 0, probes: 0, untoldAtEnd: 0, lastConnectionMs: null },
    ...{ blockedBy: null, stillSending: [] },
  }
}

export interface Ended {
  readonly sources: Sources
  readonly plan: Plan
  readonly times: Times
  readonly now: number
  readonly end: 'quiet' | 'time' | 'limit'
  /** It was ended before it was over. */
  readonly why: string | undefined
  readonly blockedBy: LameDuckReport['blockedBy']
  readonly counts: Pick<LameDuckReport, 'connections' | 'requests' | 'probes'>
  readonly hadAgo: boolean
}

export function lameDuckReport(ended: Ended): LameDuckReport {
  const { sources, plan, times, now, end, why, blockedBy, counts, hadAgo } = ended
  const clients = [...sources.all.values()].filter(({ client }) => client)
  const isGone = (source: Source): boolean =>
    now - Math.max(source.heard, plan.began) >= (silenceOf(source, plan, times) ?? Infinity)
  const speakers = clients.filter((source) => silenceOf(source, plan, times) !== undefined)
  const gone = speakers.filter(isGone).length
  const sending = clients.filter((source) => source.since > 0 && now - source.heard < plan.quietMs)
  const lastMs = sources.lastConnection - plan.began
  return {
    ended: end,
    ...(why !== undefined && { why }),
    seconds: seconds(now - plan.began),
    planned: seconds(plan.planned),
    ceiling: seconds(plan.ceiling),
    beganBy: hadAgo ? 'preStop' : 'shutdown',
    sources: {
      ...{ speaking: speakers.length - gone, gone, rare: clients.length - speakers.length },
      overflow: now - sources.overflowAt < times.unseenMs,
    },
    ...counts,
    untoldAtEnd: clients.reduce((sum, { untold }) => sum + untold, 0),
    lastConnectionMs: counts.connections > 0 ? Math.max(0, Math.round(lastMs)) : null,
    blockedBy,
    stillSending: sending
      .sort((a, b) => b.since - a.since)
      .slice(0, 3)
      .map(({ address, since }) => ({ address: address.replace(/^::ffff:/, ''), connections: since })),
  }
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000
}
