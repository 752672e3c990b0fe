import type { CallReport } from '../kubernetes/pod/pod-report.ts'
import { durationText } from './duration-text.ts'
import { firstFew, oneLine } from './one-line.ts'
import type { HookReport, Report } from './report.ts'
import { lameDuckText } from './sentences/lame-duck.ts'
import { reasonOf } from './verdict.ts'

/** Of a termination message the kubelet keeps 4,096 bytes, and in a pod of six containers half of that. */
export const LINE_BYTES = 2_048

/** One line for the log: the verdict, then what it took. */
export function reportLine(report: Report): string {
  const facts = [
    // The verdict has said it already.
    ...(report.outcome === 'clean' ? [] : [`${reasonOf(report)} began it`, tookText(report)]),
    ...lameDuckFact(report),
    ...hookCounts(report.hooks),
    ...(report.tracked.finished > 0 ? [`${count(report.tracked.finished, 'tracked task')} finished`] : []),
    ...requestCounts(report),
    ...(report.exitCode === null ? [] : [`exit code ${report.exitCode}`]),
  ]
  return oneLine(`lastcall: ${report.verdict}; ${facts.join(', ')}`, LINE_BYTES)
}

/** Where nothing hangs it is most of what a stop takes. */
function lameDuckFact({ lameDuck }: Report): string[] {
  return lameDuck && lameDuck.ended !== 'skipped' ? [lameDuckText(lameDuck)] : []
}

function requestCounts({ servers }: Report): string[] {
  const finished = servers.reduce((sum, server) => sum + server.finished, 0)
  return finished > 0 ? [`${count(finished, 'request')} finished`] : []
}

/** Several lines for people: all of the report that is not as it should be by itself. */
export function reportText(report: Report): string {
  const { clock, tracked } = report
  const lines = [
    report.verdict,
    `  ${reasonOf(report)} began it at ${report.startedAt}; ${tookText(report)} (${clock.source})${exitText(report)}`,
    ...(report.exitedBy
      ? [
          `  process.exit(${report.exitedBy.code}) called`,
          ...report.exitedBy.stack.split('\n').map((line) => `    ${line}`),
        ]
      : []),
    ...podLines(report),
    ...report.phases.flatMap((phase) => [
      `  ${phase.name.padEnd(9)} ${phase.outcome}${phase.startedMs === null ? '' : `, ${durationText(phase.durationMs)}`}`,
      ...report.hooks.filter((hook) => hook.phase === phase.name).map((hook) => `    ${hookText(hook)}`),
    ]),
    ...(tracked.finished + tracked.undone > 0
      ? [`  tracked: ${tracked.finished} finished, ${tracked.undone} left undone`]
      : []),
    ...(report.lameDuck ? [`  ${lameDuckText(report.lameDuck)}`] : []),
    ...report.servers.map(
      (server) =>
        `  ${server.name} (${server.kind}${server.address === null ? '' : ` ${server.address}`}): ` +
        `${server.finished} finished, ${server.cut} cut, ${server.refusedLate} refused late` +
        Object.entries(server.connections)
          .map(([end, count]) => `, ${count} ${end}`)
          .join(''),
    ),
    ...report.consumers.map(
      (consumer) =>
        `  consumer ${consumer.name} (${consumer.kind}): ${consumer.finished ?? '?'} finished, ${consumer.handedBack ?? '?'} handed back${consumer.forced ? ', forced' : ''}`,
    ),
    ...report.children.map(
      (child) =>
        `  child ${child.name} (pid ${child.pid}): ${child.signal ?? `exit code ${child.code}`} after ` +
        `${durationText(child.durationMs)}, ${child.told.length} told, ${child.killed} killed`,
    ),
    ...report.survivors.map(({ pid, name, why }) => `  survived: pid ${pid} (${name}): ${why}`),
    ...report.faults.map((fault) => `  fault: ${fault}`),
    ...report.signals.map(({ signal, atMs, effect }) => `  ${signal} at ${durationText(atMs)}: ${effect}`),
    ...report.errors.map(({ message, atMs }) => `  error at ${durationText(atMs)}: ${message}`),
    ...report.foreignListeners.map(
      ({ signal, count, names }) =>
        `  ${count} other listener${count > 1 ? 's' : ''} of ${signal}${inParentheses(names)}`,
    ),
    ...report.openHandles.map((handle) => `  still open: ${handle}`),
  ]
  return lines.map((line) => `${line.match(/^ */)?.[0] ?? ''}${oneLine(line, LINE_BYTES)}`).join('\n')
}

function podLines({ pod }: Report): string[] {
  if (!pod) return []
  const { namespace, name, outcome, tookMs, why, reckonedFrom, watch, event } = pod
  const call = (what: string, one: CallReport | undefined): string =>
    one ? `; ${what}: ${one.outcome}${one.why ? ` (${one.why})` : ''}` : ''
  const from = reckonedFrom ? `, SIGKILL reckoned from ${reckonedFrom}` : ''
  const whose = name === undefined ? 'own pod' : `pod ${namespace}/${name}`
  const because = why ? ` (${why})` : ''
  return [
    `  ${whose}: ${outcome}${because}, ${durationText(tookMs)}${from}${call('watch', watch)}${call('event', event)}`,
  ]
}

function hookText({ name, outcome, durationMs, limitMs, how, late, error }: HookReport): string {
  const took = durationMs === null ? '' : `, ${durationText(durationMs)}`
  const limit = outcome === 'timed out' || outcome === 'running' ? ` of ${durationText(limitMs)}` : ''
  const failure = error ? `: ${error.message}` : ''
  return `${name}: ${outcome}${took}${limit}${how ? `, ${how}` : ''}${late ? ', registered late' : ''}${failure}`
}

function tookText({ durationMs, clock }: Report): string {
  return `${durationText(durationMs)} of ${durationText(clock.terminationGracePeriodSeconds * 1_000)}`
}

function exitText({ exitCode }: Report): string {
  return exitCode === null ? '' : `; exit code ${exitCode}`
}

function hookCounts(hooks: readonly HookReport[]): string[] {
  if (hooks.length === 0) return []
  const done = hooks.filter((hook) => hook.outcome === 'done').length
  return [done === hooks.length ? count(done, 'hook') : `${done} of ${count(hooks.length, 'hook')} done`]
}

function count(n: number, what: string): string {
  // toLocaleString would load ICU first: 10 ms and more, in the middle of an exit.
  const digits = String(n).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${digits} ${what}${n === 1 ? '' : 's'}`
}

function inParentheses(names: readonly string[]): string {
  return names.length > 0 ? ` (${firstFew(names, 5, ', ')})` : ''
}
