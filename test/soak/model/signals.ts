import type { Report, SignalReport } from '../../../lib/report/report.ts'
import { beginsAfterMs, endsInAll, type Plan } from '../plan.ts'
import type { Seen } from '../play.ts'
import { NOISE_MS } from './noise.ts'

const ECHO_MS = 500

/** What began it, and what each signal did, by the rule of the second signal. */
export function signalFaults(plan: Plan, seen: Seen, report: Report): string[] {
  const { runReport } = seen
  const sent = seen.sent.filter(({ signal }) => signal !== 'SIGKILL')
  const faults = [...effectFaults(report.signals, plan.secondSignal), ...beginFaults(plan, seen, report)]
  // `run` takes the later ones for itself.
  const hears = plan.as === 'run' ? runReport : report
  if (!hears) return faults
  if (plan.as === 'run') faults.push(...effectFaults(hears.signals, 'auto').map((fault) => `run: ${fault}`))
  // Each that came well before the end is told of; a blocked loop hears nothing.
  const beganAt = sent[0]?.atMs
  if (hears.ended === 'blocked' || hears.reason.kind !== 'signal' || beganAt === undefined) return faults
  const due = sent
    .filter(({ atMs }) => atMs - beganAt < hears.durationMs - NOISE_MS)
    // The kernel keeps one of each kind for a process that has no core yet.
    .filter(({ signal, atMs }, n) => !sent.slice(0, n).some((one) => one.signal === signal && atMs - one.atMs < 100))
  const told = hears.signals.map(({ signal }) => signal)
  for (const [n, { signal }] of due.entries()) {
    const at = told.indexOf(signal)
    if (at >= 0) told.splice(at, 1)
    else faults.push(`${signal} was sent as number ${n + 1}, and is not told of`)
  }
  return faults
}

function beginFaults(plan: Plan, { sent, journal }: Seen, { signals, reason }: Report): string[] {
  const began = signals.filter(({ effect }) => effect === 'began')
  const late = lateChildren(plan, sent, journal, reason.kind)
  if (late.length > 0) return late
  if (reason.kind === 'child') return began.length === 0 ? childFaults(plan, journal, reason.child) : ['began twice']
  if (reason.kind !== 'signal') {
    return began.length === 0 && reason.kind === plan.begins ? [] : [`began by ${reason.kind}, not ${plan.begins}`]
  }
  if (began.length !== 1 || began[0]?.signal !== reason.signal || signals[0] !== began[0]) {
    return [`began by ${reason.signal}, but the signals are ${JSON.stringify(signals)}`]
  }
  // Those that wait together for a process without a core come by their number.
  const firstAt = sent[0]?.atMs ?? 0
  const first = sent.filter(({ atMs }) => atMs - firstAt < NOISE_MS).map(({ signal }) => signal)
  return first.includes(reason.signal as NodeJS.Signals) ? [] : [`began by ${reason.signal}, and ${first} came first`]
}

/** Who is significant begins it by its end for good, everybody else by one end too many. */
function childFaults(plan: Plan, journal: Seen['journal'], name: string | undefined): string[] {
  const child = plan.children.find((one) => one.name === name)
  if (!child || beginsAfterMs(child) === Infinity) return [`began by the child ${name}`]
  const fell = journal.filter(({ who, what }) => who === name && what === 'falls').length
  return fell === endsInAll(child) ? [] : [`began by ${name}, which ended ${fell} times`]
}

/** One whose end begins it had all the time for that before the first signal came, or the app began it. */
function lateChildren(plan: Plan, sent: Seen['sent'], journal: Seen['journal'], kind: string): string[] {
  if (kind !== 'signal' || plan.begins !== 'signal') return []
  const createdAt = journal.find(({ what }) => what === 'created')?.atMs ?? 0
  const hadMs = (sent[0]?.atMs ?? 0) - createdAt
  return plan.children
    .filter((child) => beginsAfterMs(child) + NOISE_MS < hadMs)
    .map(({ name }) => `the end of ${name} should have begun it`)
}

function effectFaults(signals: readonly SignalReport[], policy: Plan['secondSignal']): string[] {
  return signals.flatMap(({ signal, atMs, effect }, n) => {
    const before = signals.slice(0, n)
    const ages = (some: readonly SignalReport[]): number[] => some.map((one) => atMs - one.atMs)
    const same = ages(before.filter((one) => one.signal === signal))
    // To the millisecond of the report nobody can tell.
    if (effect === 'began' || same.some((age) => Math.abs(age - ECHO_MS) <= 2)) return []
    const isEcho = same.some((age) => age < ECHO_MS)
    const forces =
      (policy === 'auto' && signal === 'SIGINT' && same.some((age) => age > ECHO_MS)) ||
      (policy === 'force' && !isEcho && Math.min(atMs, ...ages(before)) > ECHO_MS)
    const expected = forces ? 'forced' : isEcho ? 'echo' : 'counted'
    return effect === expected ? [] : [`${signal} at ${atMs} ms: ${effect}, not ${expected}`]
  })
}
