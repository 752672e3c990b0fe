import * as assert from 'uvu/assert'
import { type App, type AppOptions, startApp } from '../../support/app.ts'
import { ask } from '../../support/lame-duck.ts'
import { type TestContext, test } from '../../support/suite.ts'

const IN_CLUSTER = { KUBERNETES_SERVICE_HOST: '10.96.0.1' }
const options = { lameDuckSeconds: 0.8, quietMs: 300 }

async function start(t: TestContext, given: AppOptions = {}): Promise<{ app: App; port: number }> {
  const app = await startApp(t, 'serves-in-a-pod', {
    env: IN_CLUSTER,
    ...given,
    options: { ...options, ...given.options },
  })
  return { app, port: Number(/port (\d+)/.exec(app.stdout)?.[1]) }
}

test('in a cluster it serves on, and each answer announces the end', async (t) => {
  const { app, port } = await start(t)
  assert.equal(await ask(port, '127.0.0.2'), { code: '200', isLast: true })
  app.kill()
  await app.says('stopping')
  for (let n = 0; n < 3; n++) assert.is((await ask(port, '127.0.0.2')).code, '200')
  const { report, code } = await app.exited
  assert.is(code, 0)
  assert.is(report.lameDuck?.ended, 'time')
  assert.is(report.lameDuck?.blockedBy, 'young')
  assert.is(report.lameDuck?.requests, 3)
  assert.ok((report.lameDuck?.seconds ?? 0) >= 0.8)
  assert.ok(report.phase('preStop').durationMs >= 750)
})

test('none outside a cluster, and none where it makes no sense: the report says why', async (t) => {
  const skipped = async (given: AppOptions & { signal?: NodeJS.Signals }): Promise<[string | undefined, boolean]> => {
    const { app } = await start(t, given)
    app.kill(given.signal)
    const { report } = await app.exited
    assert.ok(report.phase('preStop').durationMs < 700, JSON.stringify(report.phases))
    return [report.lameDuck?.why, report.lameDuck?.ended === 'skipped']
  }
  const seen = await Promise.all([
    skipped({ env: {} }),
    skipped({ args: ['silent'] }),
    skipped({ signal: 'SIGUSR2' }),
    skipped({ options: { lameDuckSeconds: 0 } }),
    skipped({ options: { terminationGracePeriodSeconds: 4.9 } }),
  ])
  assert.equal(seen, [
    [undefined, false],
    ['nothing was serving', true],
    ['an error began it', true],
    [undefined, false],
    ['the grace period is too short', true],
  ])
})

test('it ends at once where an uncaught error comes, or the app closes its server', async (t) => {
  const endedBy = async (signal: NodeJS.Signals) => {
    const { app } = await start(t, { options: { lameDuckSeconds: 60 } })
    app.kill()
    await app.says('stopping')
    app.kill(signal)
    const { report, stderr } = await app.exited
    assert.ok(report.phase('preStop').durationMs < 5_000, stderr)
    return [report.lameDuck?.ended, report.lameDuck?.why]
  }
  const seen = await Promise.all([endedBy('SIGUSR2'), endedBy('SIGPWR')])
  assert.equal(seen, [
    ['time', 'an uncaught error came'],
    ['time', 'no server listens'],
  ])
})

test('it never takes more than 40 % of what the clock has', async (t) => {
  const { app } = await start(t, { options: { lameDuckSeconds: 60, terminationGracePeriodSeconds: 5 } })
  app.kill()
  const { report } = await app.exited
  assert.ok((report.lameDuck?.ceiling ?? 0) <= 0.4 * 4.5, JSON.stringify(report.lameDuck))
  assert.is(report.outcome, 'clean')
})
