import { type Reason, reasonText } from '../hooks/reason.ts'
import { durationText } from './duration-text.ts'
import { firstFew, oneLine } from './one-line.ts'
import type { ExitCall, HookReport, Report } from './report.ts'

type Facts = Omit<Report, 'verdict'>

/** More than this nobody reads in one sentence; the report has them all. */
const MOST_FAULTS = 3

/** One sentence that says how it went: what is worst comes first. */
export function verdictOf(report: Facts): string {
  const took = durationText(report.durationMs)
  if (report.outcome === 'clean') {
    return `clean: ${reasonOf(report)}, done in ${took} of ${durationText(report.clock.terminationGracePeriodSeconds * 1_000)}`
  }
  if (report.ended === 'in progress') {
    // Read after a crash, this line is the last word; read while it runs, it is as true.
    return `unclean so far: ${reasonOf(report)} began the shutdown, and it has not ended`
  }
  return `unclean: ${firstFew(faultsOf(report), MOST_FAULTS, '; ')}`
}

export function reasonOf({ reason }: Facts): string {
  return oneLine(reasonText(reason as Reason), 200)
}

/** From the worst: cut short, errors, who outlived us, work and requests that are lost, then hooks. */
function faultsOf(report: Facts): string[] {
  const { survivors, errors, hooks, tracked, consumers } = report
  const isForced = ({ name, phase, outcome }: HookReport): boolean =>
    phase === 'drain' && outcome === 'timed out' && consumers.some((one) => one.name === name && isCut(one))
  const withOutcome = (outcome: HookReport['outcome']): HookReport[] =>
    hooks.filter((hook) => hook.outcome === outcome && !(tracked.undone > 0 && isTrackedWork(hook)) && !isForced(hook))
  return [
    ...cutShort(report),
    ...(errors[0]
      ? [
          `${errors.length > 1 ? `${errors.length} uncaught errors, the first` : 'uncaught error'}: ${short(errors[0].message)}`,
        ]
      : []),
    ...survivors.map(({ pid, name, why }) => `pid ${pid} (${short(name)}) survived: ${short(why)}`),
    ...(tracked.undone > 0 ? [`${tracked.undone} tracked task${tracked.undone > 1 ? 's' : ''} left undone`] : []),
    ...consumers.flatMap(consumerFault),
    ...report.servers
      .filter(({ cut }) => cut > 0)
      .map(({ name, cut }) => `${short(name)}: ${cut} request${cut === 1 ? '' : 's'} cut`),
    ...report.faults.map(short),
    ...withOutcome('failed').map(
      (hook) => `hook ${nameOf(hook)} failed: ${short(hook.error?.message ?? 'no message')}`,
    ),
    ...withOutcome('timed out').map((hook) => `hook ${nameOf(hook)} timed out after ${durationText(hook.limitMs)}`),
    ...withOutcome('running').map((hook) => `hook ${nameOf(hook)} was still running`),
    ...withOutcome('never ran').map((hook) => `hook ${nameOf(hook)} never ran`),
  ]
}

/** Whether a consumer left jobs at its limit; one that has none, and hangs all the same, is a hook that timed out. */
export function isCut({ forced, handedBack }: Report['consumers'][number]): boolean {
  return forced && handedBack !== 0
}

function consumerFault({ name, handedBack, forced }: Report['consumers'][number]): string[] {
  if (handedBack) return [`${short(name)}: ${handedBack} job${handedBack === 1 ? '' : 's'} handed back`]
  return forced && handedBack === null ? [`${short(name)} was still at work and was given up`] : []
}

function cutShort(report: Facts): string[] {
  const { ended, signals, durationMs, foreignListeners, exitedBy } = report
  const after = `after ${durationText(durationMs)}`
  if (ended === 'forced') {
    const by = signals.find((signal) => signal.effect === 'forced')?.signal
    return [`forced ${by ? `by a second ${by} ` : ''}${after}`]
  }
  if (ended === 'blocked') return [blockedText(report)]
  if (ended !== 'process.exit') return []
  const listening = foreignListeners.map(({ signal }) => signal).join(', ')
  const others = listening ? ` (others listen to ${listening}, too)` : ''
  if (!exitedBy) return [`something else ended the process ${after}${others}`]
  return [`process.exit(${exitedBy.code}) was called ${after} by ${callerText(exitedBy)}${others}`]
}

/** Of a path only what tells: the package, or the end of the app's own file. */
export function callerText({ by, at }: ExitCall): string {
  const place = at.split('/node_modules/').at(-1) as string
  const short = place.length > 100 ? `…${place.slice(-99)}` : place
  return by ? `${by} (${short})` : short
}

function blockedText({ blocked }: Facts): string {
  const text = `the event loop was blocked for ${durationText(blocked?.forMs ?? 0)}`
  // A native call shows no stack, and while it lasts no JavaScript runs at all.
  if (!blocked?.at) return `${text}, no JavaScript ran`
  const { function: name, file, line } = blocked.at
  return `${text} in ${short(name)} (${short(file)}:${line})`
}

/** The hook that waits for tracked work: what it left undone is said in tasks. */
function isTrackedWork({ name, phase }: HookReport): boolean {
  return phase === 'drain' && name === 'tracked work'
}

function nameOf({ name, phase }: HookReport): string {
  return `${short(name)} (${phase})`
}

function short(text: string): string {
  return oneLine(text, 160)
}
