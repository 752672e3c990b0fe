import { type AddressInfo, createServer } from 'node:net'
import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { alive, commandLine, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

function supervise(t: TestContext, command: readonly string[], options: object = {}): Promise<App> {
  return startApp(t, 'supervises', { env: { LASTCALL_TEST_CHILDREN: JSON.stringify([['child', command, options]]) } })
}

const guards = (app: App): Process[] => tree(app.pid).filter((one) => commandLine(one.pid).startsWith('lastcall guard'))

test('a restart of a child that waits for another one changes nothing: it starts when that one is ready', async (t) => {
  const app = await startApp(t, 'restarts-waiting')
  assert.match(app.stdout, 'second ready when first is ready')
  assert.not.match(app.stdout, 'when first is starting')
  assert.match(app.stdout, 'second is ready after 0 restarts')
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('a child may start after one that has done its work and gone', async (t) => {
  const app = await startApp(t, 'after-a-one-shot')
  assert.match(app.stdout, 'migrate gone')
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('one guard lives from the first child to the last end, also between two runs', async (t) => {
  const app = await supervise(t, ['sh', '-c', 'sleep 0.3; exit 1'])
  const [first] = await until(
    'the guard is there',
    () => guards(app),
    (found) => found.length === 1,
  )
  await app.says(/(child state waiting[\s\S]*){3}/)
  assert.equal(
    guards(app).map(({ pid }) => pid),
    [first?.pid],
  )
})

test('the guard ends when nothing is left to guard', async (t) => {
  const app = await supervise(t, ['sh', '-c', 'sleep 0.3; exit 0'])
  await app.says('child state gone')
  await until(
    'the guard has gone',
    () => guards(app),
    (found) => found.length === 0,
  )
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('a child that ends before it has read its input costs the service nothing', async (t) => {
  const app = await startApp(t, 'writes-to-a-crash')
  assert.ok(alive(app.identity))
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.errors], [0, []])
})

test('a child whose shutdown was disposed of ends nothing when it gives up', async (t) => {
  const app = await startApp(t, 'disposes')
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.is(code, 0)
  assert.match(stdout, 'goodbye')
})

test('who is killed in the middle of a stop is counted, and the name is free when its end is told', async (t) => {
  const app = await startApp(t, 'kills-in-stop')
  await app.says(/killed [1-9]/)
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('a child that was told before the shutdown began counts as told at once', async (t) => {
  const app = await startApp(t, 'stops-before')
  const { code, report } = await app.exited
  const [slow] = report.children
  assert.is(code, 0)
  assert.ok(slow && slow.told.length > 0)
  assert.ok(slow.told.every(({ atMs }) => atMs >= 0))
})

test('what a run left behind and was killed before the shutdown began is no fault of that', async (t) => {
  const app = await supervise(t, ['sh', '-c', '(trap "" TERM; sleep 60; sleep 60) & sleep 0.2; exit 1'], {
    stopTimeoutMs: 300,
  })
  await app.says('child state waiting')
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome, report.children], [0, 'clean', []])
})

test('a significant child that was never ready is no success, whatever it ends with', async (t) => {
  const app = await supervise(t, ['sh', '-c', 'trap "exit 0" TERM; sleep 60 & wait'], {
    ...{ significant: true, restart: 'never', ready: { line: 'never' }, readyTimeoutMs: 300 },
  })
  const { code, report } = await app.exited
  assert.equal([code, report.outcome], [1, 'unclean'])
})

test('a child that could not start because another one was never ready makes the shutdown unclean', async (t) => {
  const children = [
    ['first', ['sh', '-c', 'sleep 0.2; exit 0'], { ready: { line: 'never' } }],
    ['second', ['sleep', '60'], { after: ['first'] }],
  ]
  const app = await startApp(t, 'supervises', { env: { LASTCALL_TEST_CHILDREN: JSON.stringify(children) } })
  const { code, report } = await app.exited
  assert.equal([code, report.outcome], [1, 'unclean'])
  assert.match(report.faults.join(), 'second was not started: it starts after first, which was never ready')
})

test('an answer that drips is one try of several', async (t) => {
  let tries = 0
  const drips = createServer((socket) => {
    tries++
    t.after(() => void socket.destroy())
    socket.on('error', () => {})
    if (tries > 1) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = setInterval(() => socket.write('X-Drip: drop\r\n'), 200)
    socket.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => drips.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => void drips.close(() => resolve())))
  const { port } = drips.address() as AddressInfo
  const app = await supervise(t, ['sleep', '60'], { ready: { http: `http://127.0.0.1:${port}/` } })
  await app.says('child was ready')
  assert.is(tries, 2)
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('an error of a reader is the uncaught one that it would be anywhere, and the lines after it are read', async (t) => {
  const app = await startApp(t, 'reads-badly', { ready: 'three' })
  await app.says('uncaught rejected')
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  const said = stdout.split('\n').filter((line) => !/^lastcall/.test(line) && line !== '')
  assert.equal(
    said.filter((line) => !line.startsWith('uncaught')),
    ['one', 'throw', 'two', 'reject', 'three'],
  )
  assert.equal(said.filter((line) => line.startsWith('uncaught')).sort(), ['uncaught rejected', 'uncaught thrown'])
  assert.is(code, 0)
})
