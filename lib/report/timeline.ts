import { durationText } from './duration-text.ts'
import { oneLine } from './one-line.ts'
import type { HookReport, PhaseReport, Report } from './report.ts'
import { type TimeScale, timeScale } from './time-scale.ts'

export interface TimelineOptions {
  /** Columns, at least 70. @default 100 */
  readonly width?: number
}

/** A phase or a hook as a bar on the scale. */
interface Row {
  readonly label: string
  readonly block: '▒' | '█'
  readonly startedMs: number | null
  readonly endedMs: number
  readonly limitMs: number
  readonly isGood: boolean
  readonly words: string
}

/** An instant. */
interface Mark {
  readonly atMs: number
  readonly words: string
}

const LABEL_COLUMNS = 22
const WORDS_COLUMNS = 24

/**
 * Draws a report as a time line: phases and their hooks as bars on one scale, `×` where one did not end well,
 * `┊` where its limit was; then the signals, the end, the deadline and SIGKILL. A phase without hooks is left out where it took no time to speak of.
 */
export function drawTimeline(report: Report, { width = 100 }: TimelineOptions = {}): string[] {
  const whole = Math.max(70, width)
  const columns = whole - LABEL_COLUMNS - WORDS_COLUMNS - 2
  const scale = timeScale(scaleEndMs(report), columns)
  const lines = [
    inColumns('', scale.labels),
    inColumns('', scale.axis),
    ...rowsOf(report, scale).map((row) => inColumns(row.label, `${bar(row, scale)}  ${row.words}`)),
    ...marksOf(report, scale).map((mark) => inColumns('', drawMark(mark, scale))),
  ]
  return lines.map((line) => line.slice(0, whole))
}

/** The whole grace period, unless the shutdown used so little of it that nothing could be told apart. */
function scaleEndMs({ durationMs, clock }: Report): number {
  const graceMs = clock.terminationGracePeriodSeconds * 1_000
  return durationMs > graceMs / 4 ? Math.max(graceMs, durationMs) : Math.max(10, durationMs * 1.25)
}

function rowsOf(report: Report, { endMs, columns }: TimeScale): Row[] {
  return report.phases.flatMap((phase) => {
    const hooks = report.hooks.filter((hook) => hook.phase === phase.name)
    if (hooks.length === 0 && phase.durationMs < endMs / columns) return []
    return [
      rowOf(phase, report, phase.name, '▒'),
      ...hooks.map((hook) => rowOf(hook, report, `  ${oneLine(hook.name, 80)}`, '█')),
    ]
  })
}

function rowOf(one: PhaseReport | HookReport, report: Report, label: string, block: Row['block']): Row {
  const { startedMs, outcome, limitMs } = one
  const isOpen = startedMs !== null && (outcome === 'running' || one.durationMs === null)
  const durationMs = isOpen ? report.durationMs - startedMs : (one.durationMs ?? 0)
  const took = startedMs === null ? '' : `, ${durationText(durationMs)}`
  const late = 'late' in one && one.late ? ', late' : ''
  const endedMs = (startedMs ?? 0) + durationMs
  return { label, block, startedMs, endedMs, limitMs, isGood: outcome === 'done', words: outcome + took + late }
}

function bar({ startedMs, endedMs, limitMs, isGood, block }: Row, { columns, column, endMs }: TimeScale): string {
  const cells = Array.from({ length: columns }, () => ' ')
  if (startedMs === null) return cells.join('')
  const [from, to, limit] = [column(startedMs), column(endedMs), column(startedMs + limitMs)]
  cells.fill(block, from, to + 1)
  if (!isGood) cells[to] = '×'
  if (startedMs + limitMs <= endMs && limit > to) cells[limit] = '┊'
  return cells.join('')
}

function marksOf({ signals, errors, clock, durationMs, ended }: Report, { endMs }: TimeScale): Mark[] {
  const killMs = clock.terminationGracePeriodSeconds * 1_000
  const end = {
    'in progress': 'now',
    done: 'the end',
    forced: 'forced',
    blocked: 'blocked',
    'process.exit': 'process.exit',
  }[ended]
  const marks = [
    ...signals.map(({ signal, atMs, effect }) => ({
      atMs,
      words: effect === 'began' ? signal : `${signal} (${effect})`,
    })),
    ...errors.map(({ message, atMs }) => ({ atMs, words: `error: ${oneLine(message, 40)}` })),
    { atMs: durationMs, words: `${end}, ${durationText(durationMs)}` },
    { atMs: clock.deadlineMs, words: `deadline, ${durationText(clock.deadlineMs)}` },
    { atMs: killMs, words: `SIGKILL, ${durationText(killMs)}` },
  ]
  return marks.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
}

/** Its words stand to the right, or to the left where there is no room. */
function drawMark({ atMs, words }: Mark, { column, columns }: TimeScale): string {
  const at = column(atMs)
  return at + 2 + words.length <= columns || at <= words.length
    ? `${' '.repeat(at)}▲ ${words}`
    : `${' '.repeat(at - words.length - 1)}${words} ▲`
}

function inColumns(label: string, drawn: string): string {
  const fitted = label.length > LABEL_COLUMNS - 1 ? `${label.slice(0, LABEL_COLUMNS - 2)}…` : label
  return `${fitted.padEnd(LABEL_COLUMNS)}${drawn}`.trimEnd()
}
