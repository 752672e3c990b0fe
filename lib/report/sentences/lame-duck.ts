import type { LameDuckReport } from '../../hooks/traffic-report.ts'
import { durationText } from '../duration-text.ts'

/** How long the lame duck lasted, and why no less. */
export function lameDuckText(report: LameDuckReport): string {
  const { ended, why, seconds } = report
  return ended === 'skipped' ? `no lame duck (${why})` : `lame duck ${durationText(seconds * 1_000)} (${whySo(report)})`
}

function whySo(report: LameDuckReport): string {
  const { ended, why, planned, sources, stillSending } = report
  if (why !== undefined) return why
  if (ended === 'quiet') {
    const all = sources.speaking + sources.gone + sources.rare
    return `of ${durationText(planned * 1_000)}: ${all === 0 ? 'nobody sent anything' : `${count(all, 'source')}, all silent`}`
  }
  if (ended === 'time') return whyWhole(report)
  const [first] = stillSending
  const who = first ? `: ${first.address} opened ${count(first.connections, 'connection')}` : ''
  return `the ceiling${who}; a longer grace period would help`
}

function whyWhole({ blockedBy, sources, untoldAtEnd, connections, requests }: LameDuckReport): string {
  if (connections + requests === 0 && blockedBy === 'traffic') return 'too short to tell whether nobody will come'
  if (blockedBy === 'young') return 'it has not served for long enough to know who sends'
  if (blockedBy === 'crowd' || sources.overflow) return 'more sources than are kept'
  if (blockedBy === 'rare') return `${count(sources.rare, 'source')} too rare to judge`
  if (blockedBy === 'untold') return `${count(untoldAtEnd, 'connection')} that could not be told of the end`
  if (blockedBy === 'speaking') return `${count(sources.speaking, 'source')} not silent for long enough`
  return 'somebody sent until shortly before'
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
