import * as assert from 'uvu/assert'
import { guaranteeMs, hookLimitMs, phaseLimitMs } from '../../lib/clock/budget.ts'
import { deadlineFrom, reserveMs } from '../../lib/clock/deadline.ts'
import { PHASES, type Phase } from '../../lib/clock/phases.ts'
import { test } from '../support/suite.ts'

const ALL: ReadonlySet<Phase> = new Set(PHASES)

/** Grace period in s → reserve, then how long each phase may run when every phase before it took all that it might. */
const TABLE: readonly [number, number, readonly [number, number, number, number, number]][] = [
  [1, 200, [320, 160, 160, 80, 80]],
  [2, 200, [720, 360, 360, 180, 180]],
  [5, 500, [1_800, 900, 900, 450, 450]],
  [10, 1_000, [3_600, 1_800, 1_800, 900, 900]],
  [30, 1_000, [11_600, 5_800, 5_800, 2_900, 2_900]],
  [60, 1_000, [33_000, 10_000, 10_000, 3_000, 3_000]],
  [300, 1_000, [273_000, 10_000, 10_000, 3_000, 3_000]],
  [3_600, 1_000, [3_573_000, 10_000, 10_000, 3_000, 3_000]],
]

for (const [seconds, reserve, limits] of TABLE) {
  test(`with ${seconds} s of grace the reserve is ${reserve} ms, and phases that use everything up leave the later ones their shares`, () => {
    assert.is(reserveMs(seconds * 1000), reserve)
    const deadline = deadlineFrom(0, seconds * 1000)
    assert.is(deadline.at, seconds * 1000 - reserve)
    let remaining = deadline.at
    const seen = PHASES.map((phase) => {
      const limit = phaseLimitMs(phase, { totalMs: deadline.at, remainingMs: remaining, used: ALL })
      remaining -= limit
      return Math.round(limit)
    })
    assert.equal(seen, [...limits])
    assert.is(Math.round(remaining), 0)
  })
}

test('what a phase leaves unused belongs to the later ones', () => {
  const at = (phase: Phase, remainingMs: number): number =>
    phaseLimitMs(phase, { totalMs: 29_000, remainingMs, used: ALL })
  assert.is(at('drain', 28_000), 28_000 - 5_800 - 2_900 - 2_900)
  assert.is(at('close', 28_000), 28_000 - 2_900)
  assert.is(at('flush', 28_000), 28_000)
})

test('a phase with nothing registered is guaranteed nothing', () => {
  assert.is(guaranteeMs('close', 10_000, new Set<Phase>(['flush'])), 0)
  assert.is(phaseLimitMs('drain', { totalMs: 29_000, remainingMs: 29_000, used: new Set<Phase>(['drain']) }), 29_000)
})

test('after an error drain gets its share and no leftovers', () => {
  const budget = { totalMs: 29_000, remainingMs: 29_000, used: new Set<Phase>(['drain', 'flush']) }
  assert.is(phaseLimitMs('drain', budget, 'short'), 5_800)
  assert.is(phaseLimitMs('flush', budget, 'short'), 29_000)
})

test('no limit is below zero, however late it is', () => {
  assert.is(phaseLimitMs('drain', { totalMs: 800, remainingMs: 0, used: ALL }), 0)
  assert.is(hookLimitMs(-5, 2), 0)
})

test('a hook leaves each hook that waits for it up to a second, or an equal part of a short time', () => {
  assert.is(hookLimitMs(2_900, 0), 2_900)
  assert.is(hookLimitMs(2_900, 1), 1_900)
  assert.is(hookLimitMs(1_000, 1), 500)
  assert.is(hookLimitMs(300, 2), 100)
})
