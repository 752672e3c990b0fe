import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { staysReady } from '../../lib/probes/readiness-policy.ts'
import { type App, startApp } from '../support/app.ts'
import { ask } from '../support/ask.ts'
import { certificate } from '../support/certificate.ts'
import { type TestContext, test } from '../support/suite.ts'

const CLUSTER = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
const OUTSIDE = { KUBERNETES_SERVICE_HOST: undefined }

interface Wish {
  readonly phases?: readonly string[]
  readonly server?: object
  readonly late?: boolean
}

async function start(
  t: TestContext,
  wish: Wish,
  { options = {}, env = {} }: { options?: object; env?: Record<string, string | undefined> } = {},
): Promise<{ readonly app: App; readonly url: string }> {
  const app = await startApp(t, 'answers-probes', {
    args: [JSON.stringify(wish)],
    options: { ...options },
    env: { ...OUTSIDE, ...env },
  })
  const port = (await app.says(/port \d+/)).slice(5)
  return { app, url: `http://127.0.0.1:${port}` }
}

const policies: readonly {
  readonly title: string
  readonly options?: object
  readonly env?: Record<string, string>
  readonly signal?: NodeJS.Signals
  readonly preStop: number
  readonly close: number
}[] = [
  { title: 'auto, in a cluster, SIGTERM', env: CLUSTER, preStop: 200, close: 503 },
  { title: 'auto, in a cluster, begin()', env: CLUSTER, signal: 'SIGWINCH', preStop: 503, close: 503 },
  { title: 'auto, outside', preStop: 503, close: 503 },
  { title: 'fail', options: { readiness: 'fail' }, env: CLUSTER, preStop: 503, close: 503 },
  { title: 'keep', options: { readiness: 'keep' }, preStop: 200, close: 200 },
]
for (const { title, signal = 'SIGTERM', preStop, close, ...how } of policies) {
  test(`/readyz while stopping, ${title}: ${preStop}, after drain ${close}; /livez to the end`, async (t) => {
    const { app, url } = await start(t, { phases: ['preStop', 'close', 'flush'] }, how)
    assert.is((await ask(`${url}/readyz`)).status, 200)
    app.kill(signal)
    await app.says('in preStop')
    const first = await ask(`${url}/readyz`)
    assert.is(first.status, preStop)
    assert.match(first.body, /^stopping: (SIGTERM|begin\("maintenance"\))$/m)
    app.kill('SIGUSR2')
    await app.says('in close')
    assert.is((await ask(`${url}/readyz`)).status, close)
    app.kill('SIGUSR2')
    await app.says('in flush')
    assert.is((await ask(`${url}/livez`)).status, 200)
    app.kill('SIGUSR2')
    assert.is((await app.exited).code, 0)
  })
}

test('what the own pod says decides: a deletion keeps it ready, a restart does not', () => {
  const facts = { policy: 'auto', reason: { kind: 'signal' }, inCluster: true, cutoff: false } as const
  assert.equal(
    [true, false, undefined].map((deleted) => staysReady({ ...facts, deleted })),
    [true, false, true],
  )
  assert.is(staysReady({ ...facts, deleted: true, reason: { kind: 'call' } }), true)
  assert.is(staysReady({ ...facts, deleted: true, cutoff: true }), false)
})

test('a check that is under way when the shutdown begins changes nothing', async (t) => {
  const shutdown = createShutdown({ exit: false, readiness: 'keep', logger: () => {} })
  t.after(() => shutdown.dispose())
  let say = (_isFit: boolean): void => {}
  const asked = new Promise<void>((resolve) => {
    shutdown.check('database', () => {
      resolve()
      return new Promise<boolean>((answer) => {
        say = answer
      })
    })
  })
  const server = shutdown.probeServer({ port: 0, host: '127.0.0.1' })
  await server.listening
  shutdown.ready()
  const url = `http://127.0.0.1:${server.address()?.port}/readyz`
  const underWay = ask(url)
  await asked
  const seen = new Promise<number>((resolve) => {
    shutdown.hook('look', async () => {
      say(false)
      await underWay
      resolve((await ask(url)).status)
    })
  })
  await shutdown.begin('test')
  assert.is(await seen, 200)
})

test('who was not ready stays so while stopping', async (t) => {
  const { app, url } = await start(t, { phases: ['preStop'], late: true }, { env: CLUSTER })
  app.kill('SIGTERM')
  await app.says('in preStop')
  const { status, body } = await ask(`${url}/readyz`)
  assert.is(status, 503)
  assert.match(body, /waits for the start/)
  app.kill('SIGUSR2')
  await app.exited
})

test('/prestop begins the shutdown and answers when preStop is over; twice is the same, and SIGTERM joins it', async (t) => {
  const { app, url } = await start(t, { phases: ['preStop', 'flush'] })
  let answered = false
  const first = ask(`${url}/prestop`).then((answer) => {
    answered = true
    return answer
  })
  await app.says('in preStop')
  const second = ask(`${url}/prestop`, { method: 'POST' })
  assert.is((await ask(`${url}/livez`)).status, 200)
  assert.is(answered, false)
  app.kill('SIGUSR2')
  assert.equal([(await first).status, (await second).status], [200, 200])
  await app.says('in flush')
  app.kill('SIGTERM')
  // Asked later it is answered at once.
  assert.is((await ask(`${url}/prestop`)).status, 200)
  app.kill('SIGUSR2')
  const { code, report } = await app.exited
  assert.equal([code, report.reason.kind, report.outcome], [0, 'prestop', 'clean'])
  assert.equal(
    report.signals.map(({ signal, effect }) => [signal, effect]),
    [['SIGTERM', 'counted']],
  )
})

test('/prestop goes on when its asker has gone', async (t) => {
  const { app, url } = await start(t, { phases: ['preStop'] })
  const left = new AbortController()
  void fetch(`${url}/prestop`, { signal: left.signal }).catch(() => {})
  await app.says('in preStop')
  left.abort()
  app.kill('SIGUSR2')
  assert.is((await app.exited).code, 0)
})

test('/prestop with a secret: a stranger is refused, who has it is not; over IPv6', async (t) => {
  const prestopSecret = '0123456789abcdef'
  const { app, url } = await start(t, { server: { prestopSecret, host: '::1' } })
  const here = url.replace('127.0.0.1', '[::1]')
  for (const headers of [
    {},
    { 'lastcall-secret': '0123456789abcdeg' },
    { 'lastcall-secret': prestopSecret.slice(1) },
  ]) {
    const { status, body } = await ask(`${here}/prestop`, { headers })
    assert.equal([status, body], [403, 'refused: the header lastcall-secret is missing or wrong\n'])
  }
  assert.is(
    (await ask(`${here}/prestop`, { method: 'HEAD', headers: { 'lastcall-secret': prestopSecret } })).status,
    405,
  )
  assert.is((await ask(`${here}/livez`)).body, 'alive\n')
  assert.is((await ask(`${here}/prestop`, { headers: { 'lastcall-secret': prestopSecret } })).status, 200)
  assert.is((await app.exited).report.reason.kind, 'prestop')
})

test('probes and /prestop over HTTPS', async (t) => {
  const { app, url } = await start(t, { server: { tls: certificate } })
  const here = url.replace('http:', 'https:')
  assert.is((await ask(`${here}/readyz`)).status, 200)
  assert.is((await ask(`${here}/prestop`)).status, 200)
  assert.is((await app.exited).code, 0)
})

test('a port in use ends the process, and it says why', async (t) => {
  const { url } = await start(t, {})
  const port = Number(new URL(url).port)
  const other = await startApp(t, 'answers-probes', { args: [JSON.stringify({ server: { port } })], ready: false })
  const { code, stderr } = await other.exited
  assert.is(code, 1)
  assert.match(stderr, /ERR_LASTCALL_LISTEN|cannot listen on port \d+ of 127\.0\.0\.1: something else listens there/)
})
