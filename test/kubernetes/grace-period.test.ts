import process from 'node:process'
import * as assert from 'uvu/assert'
import { gracePeriod } from '../../lib/kubernetes/grace-period.ts'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

const VARIABLE = 'TERMINATION_GRACE_PERIOD_SECONDS'

function withVariable(value: string | undefined, run: () => void): void {
  const before = process.env[VARIABLE]
  if (value === undefined) delete process.env[VARIABLE]
  else process.env[VARIABLE] = value
  try {
    run()
  } finally {
    if (before === undefined) delete process.env[VARIABLE]
    else process.env[VARIABLE] = before
  }
}

test('the option comes first, then the environment, then what Kubernetes takes itself', () => {
  withVariable('45', () => {
    assert.equal(gracePeriod(12), { seconds: 12, source: 'option' })
    assert.equal(gracePeriod(undefined), { seconds: 45, source: VARIABLE })
  })
  for (const unset of [undefined, '']) {
    withVariable(unset, () => assert.equal(gracePeriod(undefined), { seconds: 30, source: 'default' }))
  }
})

for (const bad of ['30s', '0', '-5', 'NaN', 'Infinity', '1e400', '1e308', ' ']) {
  test(`${JSON.stringify(bad)} in the environment is refused`, () => {
    withVariable(bad, () => assert.throws(() => gracePeriod(undefined), /must be a number of seconds, at least 1/))
  })
}

test('the report says which clock was used, and how much of it was kept free', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['5'], env: { [VARIABLE]: '2.5' } })
  app.kill('SIGTERM')
  assert.equal((await app.exited).report.clock, {
    terminationGracePeriodSeconds: 2.5,
    source: VARIABLE,
    reserveMs: 250,
    deadlineMs: 2250,
  })
})

test('a grace period longer than the longest timer of Node does not fire at once', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['50'], options: { terminationGracePeriodSeconds: 1e7 } })
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  assert.equal([code, report.hook('slow').outcome], [0, 'done'])
  assert.not.match(stderr, 'TimeoutOverflowWarning')
})

test('a grace period that ends after the last Date still gives hooks a valid one', async (t) => {
  const app = await startApp(t, 'says-deadline', { options: { terminationGracePeriodSeconds: 1e15 } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome], [0, 'clean'])
})
