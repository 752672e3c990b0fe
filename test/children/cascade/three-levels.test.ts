import * as assert from 'uvu/assert'
import { test } from '../../support/suite.ts'
import { playRound } from './round.ts'

const ROUNDS = 3

for (const graceSeconds of [5, 2]) {
  test(
    `three services, a bash script between each, spend one budget of ${graceSeconds} s: hooks ran, and none outlived the one above`,
    async (t) => {
      for (let i = 0; i < ROUNDS; i++) {
        // The lowest would take longer than it gets.
        const { code, faults, reports, goneMs } = await playRound(t, { graceSeconds, hookMs: 60_000 })
        assert.equal([code, faults], [0, []])
        const deadlines = reports.map((report) => Date.parse(report.startedAt) + report.clock.deadlineMs)
        assert.equal(
          deadlines,
          [...deadlines].sort((a, b) => b - a),
          'each deadline comes before the one above',
        )
        assert.ok((goneMs[0] as number) < graceSeconds * 1000)
      }
    },
    { limitMs: 60_000 },
  )
}

test('levels that need only a moment take only a moment', async (t) => {
  const { code, faults, reports } = await playRound(t, { graceSeconds: 30, hookMs: 20 })
  assert.equal([code, faults, reports.map((report) => report.outcome)], [0, [], ['clean', 'clean', 'clean']])
  assert.ok(reports.every((report) => report.durationMs < 10_000))
})
