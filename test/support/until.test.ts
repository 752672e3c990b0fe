import * as assert from 'uvu/assert'
import { test } from './suite.ts'
import { until } from './until.ts'

test('until returns the value that held', async () => {
  let n = 0
  assert.is(
    await until(
      'n is 3',
      () => ++n,
      (value) => value === 3,
    ),
    3,
  )
})

test('a read that throws counts as not yet', async () => {
  let n = 0
  const read = () => {
    if (++n < 3) throw new Error('not yet')
    return n
  }
  assert.is(await until('reading works', read), 3)
})

test('the error at the limit names the condition and shows the last value seen', async () => {
  const error = await until(
    'the queue is empty',
    () => ({ queued: 2 }),
    () => false,
    { limitMs: 50 },
  ).catch((e) => e)
  assert.is(error.message, 'waited 50 ms until the queue is empty; last seen: { queued: 2 }')
})

test('until stops when the test is over', async () => {
  const error = await until('never', () => false, Boolean, { signal: AbortSignal.abort() }).catch((e) => e)
  assert.is(error.name, 'AbortError')
})
