import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, type Process, readProcess } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { startOnTerminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'

async function cluster(t: TestContext, options = {}): Promise<App> {
  const app = await startApp(t, 'adopts-cluster', { args: [JSON.stringify(options)] })
  await app.says('first is up')
  await app.says('second is up')
  return app
}

test('all workers run their own hooks, also one that was forked later, and the primary ends last', async (t) => {
  const app = await cluster(t)
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /(first|second) closes[\s\S]*(first|second) closes[\s\S]*primary closes/)
  for (const role of ['first', 'second']) assert.match(stdout, `${role} had its time from parent`)
  assert.equal([stdout.match(/exit \d true/g)?.length, stdout.includes('false')], [2, false])
  assert.equal(
    report.children.map((child) => [child.name, child.code, child.killed]),
    [
      ['web worker 1', 0, 0],
      ['web worker 2', 0, 0],
    ],
  )
  assert.is(code, 0)
})

test('a Ctrl-C to the whole group runs every hook once', async (t) => {
  const app = await cluster(t)
  app.killGroup('SIGINT')
  const { code, stdout } = await app.exited
  assert.equal(stdout.match(/\w+ closes/g)?.sort(), ['first closes', 'primary closes', 'second closes'])
  assert.is(code, 0)
})

test('a worker that crashes is replaced with its environment and its stop time, and stopped as the others', async (t) => {
  const app = await cluster(t, { stopTimeoutMs: 7_000 })
  app.kill('SIGUSR2')
  await app.says('exit 1 false')
  await app.says('first is up, 7')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal(stdout.match(/\w+ closes/g)?.length, 3)
  assert.equal([code, report.children.map((child) => child.name)], [0, ['web worker 2', 'web worker 3']])
})

test('restart: never replaces nobody', async (t) => {
  const app = await cluster(t, { restart: 'never' })
  app.kill('SIGUSR2')
  await app.says('exit 1 false')
  app.kill('SIGTERM')
  const { stdout, report } = await app.exited
  assert.is(stdout.match(/first is up/g)?.length, 1)
  assert.equal(
    report.children.map((child) => child.name),
    ['web worker 2'],
  )
})

test('a worker that crashes again and again is out of restarts, and the shutdown begins', async (t) => {
  const app = await startApp(t, 'adopts-crashing-cluster', { ready: false })
  const { code, stdout, report } = await app.exited
  assert.equal([code, stdout.match(/crash/g)?.length, report.reason.kind], [1, 5, 'child'])
})

test('onGiveUp decides instead: the service goes on without the worker', async (t) => {
  const app = await startApp(t, 'adopts-crashing-cluster', { ready: false, args: ['asks'] })
  await app.says(/^web worker \d is given up after 4$/m)
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal([code, report.reason.kind, stdout.match(/given up/g)?.length], [0, 'signal', 1])
})

test(
  'Ctrl-C on a terminal runs the hooks of each worker once, and those of the primary last',
  async (t) => {
    const file = fileURLToPath(new URL('../apps/adopts-cluster.js', import.meta.url))
    const terminal = await startOnTerminal(t, [process.execPath, file])
    await terminal.shows('first is up')
    await terminal.shows('second is up')
    terminal.type('\x03')
    await terminal.app.exited
    const closes = terminal.screen.match(/(first|second|primary) closes/g) ?? []
    assert.equal(
      [[...closes].sort(), closes.at(-1)],
      [['first closes', 'primary closes', 'second closes'], 'primary closes'],
    )
    assert.match(terminal.screen, 'lastcall: clean: SIGINT')
  },
  { skip: can.program('python3') },
)

test('a worker that is adopted by itself runs its hook, and nobody takes it for crashed', async (t) => {
  const app = await startApp(t, 'adopts-worker', { ready: 'worker is up' })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /^cluster worker \d+$[\s\S]*worker closes[\s\S]*replace it\? false/m)
  assert.equal([code, report.children.map((child) => [child.name, child.code])], [0, [['one', 0]]])
})

test('no worker outlives a primary that is killed by SIGKILL', async (t) => {
  const app = await startApp(t, 'adopts-worker', { ready: 'worker is up' })
  const worker = readProcess(Number((await app.says(/cluster worker \d+/)).split(' ')[2])) as Process
  app.kill('SIGKILL')
  await app.exited
  await until(
    'the worker has gone',
    () => alive(worker),
    (lives) => !lives,
  )
})

test('in a worker the cluster module is refused with a way out', async (t) => {
  const app = await startApp(t, 'adopts-worker', { ready: 'worker is up', args: ['both'] })
  await app.says(/"in a worker" is the cluster module in a worker, .* Write if \(cluster\.isPrimary\)/)
})

test('a worker adopted by itself stays so beside its cluster, and no worker of an adopted cluster is adopted again', async (t) => {
  const app = await startApp(t, 'adopts-worker', { ready: false, args: ['both'] })
  await until(
    'three workers are up',
    () => app.stdout.match(/worker is up/g)?.length,
    (up) => up === 3,
  )
  assert.equal(app.stdout.match(/"again" cannot be adopted: it is .* already/g), [
    '"again" cannot be adopted: it is a worker of "web" already',
    '"again" cannot be adopted: it is adopted as "one" already',
    '"again" cannot be adopted: it is a worker of "web" already',
  ])
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal([code, stdout.match(/worker closes/g)?.length], [0, 3])
  assert.equal(
    report.children.map((child) => child.name),
    ['one', 'web worker 2', 'web worker 3'],
  )
})
