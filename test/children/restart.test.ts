import * as assert from 'uvu/assert'
import { afterEnd, NO_RESTARTS, type RestartMemory, type RestartPolicy } from '../../lib/children/restart.ts'
import { test } from '../support/suite.ts'

/** Plays ends at a fake clock's times; without chance, so that the delays are whole. */
function play(
  policy: RestartPolicy,
  ...ends: { at: number; readyMs?: number | undefined; failed?: boolean }[]
): (number | string)[] {
  let memory: RestartMemory = NO_RESTARTS
  return ends.map(({ at, failed = true, ...run }) => {
    const readyMs = 'readyMs' in run ? run.readyMs : 0
    const decision = afterEnd(policy, { failed, readyMs }, memory, at, 0)
    if (decision.action !== 'restart') return decision.action
    memory = decision.memory
    return decision.afterMs
  })
}

const apart = (times: number, everyMs: number, readyMs: number | undefined) =>
  Array.from({ length: times }, (_, i) => ({ at: i * everyMs, readyMs }))

test('never and a success under on-failure end it; always starts it again whatever the code', () => {
  assert.equal(play('never', { at: 0 }), ['end'])
  assert.equal(play('on-failure', { at: 0, failed: false }), ['end'])
  assert.equal(play('on-failure', { at: 0 }), [100])
  assert.equal(play('always', { at: 0, failed: false }), [100])
})

test('the delay doubles from 100 ms to 30 s', () => {
  const delays = play('on-failure', ...apart(12, 20_000, 5_000))
  assert.equal(delays, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
})

test('after a stable run, ten times the last delay and at least 10 s, the delay begins anew', () => {
  assert.equal(play('on-failure', { at: 0 }, { at: 30_000, readyMs: 10_000 }), [100, 100])
  assert.equal(play('on-failure', { at: 0 }, { at: 30_000, readyMs: 9_999 }), [100, 200])
  const slow = [...apart(8, 20_000, 5_000), { at: 200_000, readyMs: 127_000 }, { at: 400_000, readyMs: 256_000 }]
  assert.equal(play('on-failure', ...slow).slice(-2), [25_600, 100])
})

test('the fifth end within 60 s is one too many; ends further apart never are', () => {
  assert.equal(play('on-failure', ...apart(5, 14_000, 5_000)).at(-1), 'give up')
  assert.not.equal(play('on-failure', ...apart(20, 15_000, 5_000)).at(-1), 'give up')
})

test('five runs in a row that were never ready are too many, however long each took; one that was begins anew', () => {
  const late = (times: number, from = 0) =>
    apart(times, 60_000, undefined).map((end) => ({ ...end, at: end.at + from * 60_000 }))
  assert.equal(play('on-failure', ...late(5)), [100, 200, 400, 800, 'give up'])
  const between = [...late(4), { at: 240_000, readyMs: 1 }, ...late(4, 5)]
  assert.not.equal(play('on-failure', ...between).at(-1), 'give up')
})

test('chance shortens a delay by a fifth at most', () => {
  const decision = afterEnd('always', { failed: true, readyMs: 0 }, NO_RESTARTS, 0, 1)
  assert.is(decision.action === 'restart' && decision.afterMs, 80)
})
