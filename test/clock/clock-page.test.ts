import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { guaranteeMs, phaseLimitMs } from '../../lib/clock/budget.ts'
import { deadlineFrom } from '../../lib/clock/deadline.ts'
import { PHASES, type Phase } from '../../lib/clock/phases.ts'
import { durationText } from '../../lib/report/duration-text.ts'
import { test } from '../support/suite.ts'

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/clock.md', import.meta.url)), 'utf8')
const USED = new Set<Phase>(PHASES)

/** When each phase has ended at the latest, where every phase is used and the ones before took all that they may. */
function latestEnds(graceSeconds: number): number[] {
  const { at: totalMs } = deadlineFrom(0, graceSeconds * 1000)
  let startMs = 0
  return PHASES.map((phase) => {
    startMs += phaseLimitMs(phase, { totalMs, remainingMs: totalMs - startMs, used: USED })
    return startMs
  })
}

test('the table of docs/clock.md is what the clock computes', () => {
  const rows = [...PAGE.matchAll(/^\| (\d+) s \|(.+)\|$/gm)]
  assert.ok(rows.length >= 5)
  for (const [line, seconds, cells = ''] of rows) {
    const { at, reserveMs } = deadlineFrom(0, Number(seconds) * 1000)
    const guarantees = PHASES.slice(1).map((phase) => guaranteeMs(phase, at, USED))
    const expected = [reserveMs, at, latestEnds(Number(seconds))[0] ?? 0, ...guarantees].map(durationText)
    assert.equal(
      cells.split('|').map((cell) => cell.trim()),
      expected,
      line,
    )
  }
})

test('the drawing of docs/clock.md is drawn from the shares', () => {
  const columns = (ms: number): number => Math.round((ms / 30_000) * 60)
  const ends = latestEnds(30)
  const lines = PHASES.map((phase, i) => {
    const [from, to] = [columns(ends[i - 1] ?? 0), columns(ends[i] ?? 0)]
    return `${phase.padEnd(10)}${' '.repeat(from)}${'█'.repeat(to - from)}┊ ${durationText(ends[i] ?? 0)}`
  })
  for (const line of lines) assert.ok(PAGE.includes(`\n${line}\n`), `docs/clock.md has no line\n${line}`)
})
