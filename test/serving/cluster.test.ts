import * as assert from 'uvu/assert'
import { keepAlive, newEachTime } from '../../bench/drain/clients/asking.ts'
import { playRound } from '../../bench/drain/round.ts'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

// The primary accepts for its workers: it is what has to stop listening first.
for (const [title, behave] of [
  ['on connections that are kept alive', keepAlive()],
  ['on a new connection each', newEachTime],
] as const) {
  for (const ms of [0, 20]) {
    test(
      `a cluster that is stopped loses no request ${title}, answered after ${ms} ms`,
      async (t) => {
        const app = await startApp(t, 'serves-in-cluster', { args: [String(ms)], ready: /^listening \d+/m })
        const port = Number((await app.says(/^listening (\d+)/m)).split(' ')[1])
        const { tally, wasKilled } = await playRound(
          { port, kill: app.kill, exited: app.exited },
          { crowds: [{ many: 50, behave }], seed: 1 },
        )
        const { code, report, stderr } = await app.exited
        assert.equal([...tally.losses], [], stderr)
        assert.equal([code, wasKilled, report.outcome], [0, false, 'clean'], stderr)
        assert.equal(report.hook('listeners of workers').outcome, 'done')
      },
      { limitMs: 60_000 },
    )
  }
}
