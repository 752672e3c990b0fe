import * as assert from 'uvu/assert'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { planOf } from './plan.ts'
import { soak } from './soak.ts'

/** Beside all the other tests; `.ci/run` plays 300 by `soak.ts`, with the machine to themselves. */
const ROUNDS = 6

test(
  'random shutdowns end in time, with the code of the table, a true report, and nobody left',
  async () => {
    const rounds = await soak(1, ROUNDS, (line) => console.log(line))
    assert.equal(
      rounds.filter(({ faults }) => faults.length > 0).map(({ plan }) => plan.seed),
      [],
    )
  },
  { limitMs: 240_000, skip: can.linux() },
)

test('a seed is the same plan each time', () => {
  assert.equal(planOf(7), planOf(7))
  assert.not.equal(planOf(7), planOf(8))
})
