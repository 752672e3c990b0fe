import type { Source, Sources } from './sources.ts'
import type { Times } from './times.ts'

/** What one lame duck has, in milliseconds. */
export interface Plan {
  /** On the same clock as the sources': SIGTERM, or the earlier start of the pod's end. */
  readonly began: number
  /** How long it lasts where the evidence is thin. */
  readonly planned: number
  /** The longest. */
  readonly ceiling: number
  readonly quietMs: number
  /** For how long somebody could send, when it began. */
  readonly listened: number
}

/** Why it goes on. */
export type Blocked =
  /** Somebody has sent something a moment ago. */
  | 'traffic'
  /** The process has not listened for long enough to know its sources. */
  | 'young'
  /** More addresses than are kept. */
  | 'crowd'
  /** A source that speaks for itself has not been silent for long enough. */
  | 'speaking'
  /** A source that does not speak for itself holds connections that nobody has told to close. */
  | 'untold'
  /** Sources that are too rare to judge may come yet. */
  | 'rare'

export type Judgement = { readonly end: 'quiet' | 'time' | 'limit' } | { readonly blockedBy: Blocked }

/**
 * Whether the listeners may close now. Routing lets go source by source: a rate falls before it ends, so each source is
 * judged by itself, and wherever the evidence is thin the whole time is kept.
 */
export function judge(sources: Sources, plan: Plan, times: Times, now: number): Judgement {
  const { began, planned, ceiling, quietMs, listened } = plan
  const t = now - began
  const isQuiet = now - sources.lastConnection >= Math.min(quietMs, t)
  if (t >= ceiling) return { end: isQuiet ? 'time' : 'limit' }
  if (t >= planned) return isQuiet ? { end: 'time' } : { blockedBy: 'traffic' }
  if (now - Math.max(sources.lastHeard, began) < quietMs) return { blockedBy: 'traffic' }
  if (listened < times.knownMs) return { blockedBy: 'young' }
  if (now - sources.overflowAt < times.unseenMs) return { blockedBy: 'crowd' }
  let rest = 0
  let speakers = 0
  for (const source of sources.all.values()) {
    if (!source.client) continue
    const need = silenceOf(source, plan, times)
    if (need !== undefined) {
      if (now - Math.max(source.heard, began) < need) return { blockedBy: 'speaking' }
      speakers++
      continue
    }
    if (source.untold > 0) return { blockedBy: 'untold' }
    const known = Math.max(times.knownMs, began - startOf(source))
    // A second is the least time that a rate is taken from; scaled as all is.
    const sinceBegan = Math.max(t, times.knownMs / 60)
    rest += Math.max((source.n + source.oldN) / known, source.since / sinceBegan)
  }
  if (speakers === 0 && listened < times.aloneMs) return { blockedBy: 'young' }
  return rest * (planned - t) < times.rest ? { end: 'quiet' } : { blockedBy: 'rare' }
}

/** How long it must be silent to be gone; undefined where it does not speak for itself. */
export function silenceOf(
  source: Source,
  { began, planned, quietMs }: Pick<Plan, 'began' | 'planned' | 'quietMs'>,
  { knownMs, pauseFactor }: Times,
): number | undefined {
  const need = Math.max(quietMs, pauseFactor * Math.max(source.pause, source.oldPause))
  return began - startOf(source) >= knownMs && need < planned ? need : undefined
}

function startOf({ oldN, oldFrom, from }: Source): number {
  return oldN > 0 ? oldFrom : from
}
