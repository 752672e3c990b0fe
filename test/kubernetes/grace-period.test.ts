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
    assert.equal(gracePeriod({ terminationGracePeriodSeconds: 12 }), { seconds: 12, source: 'option' })
    assert.equal(gracePeriod({}), { seconds: 45, source: VARIABLE })
  })
  for (const unset of [undefined, '']) {
    withVariable(unset, () => assert.equal(gracePeriod({}), { seconds: 30, source: 'default' }))
  }
})

for (const bad of ['30s', '0', '-5', 'NaN', 'Infinity', '1e400', '1e308', ' ']) {
  test(`${JSON.stringify(bad)} in the environment is ignored, and the report will say so`, () => {
    withVariable(bad, () =>
      assert.equal(gracePeriod({}), {
        ...{ seconds: 30, source: 'default' },
        ignored: [`${VARIABLE} is no number of seconds, at least 1, as 60: ${JSON.stringify(bad)}`],
      }),
    )
  })
}

test('a preStop hook that takes all of a grace period from outside leaves 2 s, and that is said', async (t) => {
  const app = await startApp(t, 'slow-hook', {
    args: ['5'],
    env: { [VARIABLE]: '20' },
    options: { preStopSeconds: 20 },
  })
  app.kill('SIGTERM')
  const { stderr, report } = await app.exited
  assert.is(report.clock.terminationGracePeriodSeconds, 2)
  assert.match(stderr, 'lastcall: preStopSeconds (20) leaves nothing of it: 2 s are taken')
})

test('what the environment and the file say wrong is said once each, and the next source counts', async (t) => {
  const env = { [VARIABLE]: '30s', DYNO: 'web.1' }
  const options = { gracePeriodFile: '/nowhere/annotations' }
  const app = await startApp(t, 'slow-hook', { args: ['5'], env, options })
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  const { source, terminationGracePeriodSeconds, ignored = [] } = report.clock
  assert.equal([code, report.outcome, source, terminationGracePeriodSeconds], [0, 'clean', 'Heroku', 30])
  assert.equal(ignored, [
    `${VARIABLE} is no number of seconds, at least 1, as 60: "30s"`,
    'gracePeriodFile /nowhere/annotations cannot be read (ENOENT)',
  ])
  for (const what of ignored) {
    assert.is(stderr.split(`lastcall: ${what}. The grace period is 30 s (Heroku).\n`).length, 2, stderr)
  }
})

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
