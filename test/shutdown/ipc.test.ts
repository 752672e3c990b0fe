import * as assert from 'uvu/assert'
import { type AppOptions, startApp } from '../support/app.ts'
import { alive, readProcess } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** As fork() starts it: with a channel, and its parent is this test. */
const forked: AppOptions = { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }

test("PM2's message begins the shutdown, reason parent, and the app still hears it", async (t) => {
  const app = await startApp(t, 'forked', forked)
  app.process.send('shutdown')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /heard "shutdown"\n[\s\S]*closed/)
  assert.equal(
    [code, report.reason, report.outcome],
    [0, { kind: 'parent', message: "the message 'shutdown'" }, 'clean'],
  )
})

test('PM2’s message is heard also where the app listens to none', async (t) => {
  const app = await startApp(t, 'forked', { ...forked, args: ['deaf'], ready: false })
  app.process.send('shutdown')
  assert.match((await app.exited).stdout, 'closed')
})

test('another message begins nothing', async (t) => {
  const app = await startApp(t, 'forked', forked)
  app.process.send({ type: 'shutdown' })
  await app.says('heard {"type":"shutdown"}')
  app.kill('SIGTERM')
  assert.is((await app.exited).report.reason.kind, 'signal')
})

for (const how of ['deaf', 'done']) {
  test(`a forked service with nothing else open ends by itself while its parent lives (${how})`, async (t) => {
    const app = await startApp(t, 'forked', { ...forked, args: [how] })
    const { code, stdout, report } = await app.exited
    assert.match(stdout, 'closed')
    assert.equal([code, report.reason.kind], [0, 'empty'])
  })
}

test('a forked service that listens to messages lives on, as without lastcall', async (t) => {
  const app = await startApp(t, 'forked', forked)
  app.process.send('one')
  await app.says('heard "one"')
  app.process.send('two')
  await app.says('heard "two"')
  app.process.disconnect()
  // Nothing holds it any more: by default the end of the channel itself begins nothing.
  assert.is((await app.exited).report.reason.kind, 'empty')
})

test('what the parent sends before the app listens is kept for it, in order, as Node keeps it', async (t) => {
  const app = await startApp(t, 'forked', { ...forked, args: ['late'], ready: false })
  for (const message of ['first', 'second']) app.process.send(message)
  await app.says(/^ready/m)
  app.process.send('third')
  await app.says('heard "third"')
  app.kill('SIGTERM')
  assert.equal((await app.exited).stdout.match(/heard "\w+"/g), ['heard "first"', 'heard "second"', 'heard "third"'])
})

test('dispose takes every listener of the channel off, and the process ends by itself', async (t) => {
  const app = await startApp(t, 'forked', { ...forked, args: ['dispose'] })
  const { code, stdout } = await app.exited
  assert.match(stdout, 'ready, 0 0')
  assert.is(code, 0)
})

test('with disconnect: true the end of the channel begins the shutdown', async (t) => {
  const app = await startApp(t, 'forked', { ...forked, options: { disconnect: true } })
  app.process.disconnect()
  const { code, report } = await app.exited
  assert.equal([code, report.reason], [0, { kind: 'parent', message: 'the end of the IPC channel' }])
})

test('a worker of a cluster whose primary is killed runs its hooks with disconnect: true; Node else exits at once', async (t) => {
  const app = await startApp(t, 'orphans-worker', { options: { disconnect: true } })
  const pid = Number((await app.says(/ready \d+/)).split(' ')[1])
  const worker = readProcess(pid)
  assert.ok(worker)
  app.kill('SIGKILL')
  const { stderr } = await app.exited
  await until(
    'the worker has ended',
    () => alive(worker),
    (is) => !is,
  )
  assert.match(stderr, /clean: the end of the IPC channel, done in .*; 1 hook, exit code 0/)
})

test('a forked lastcall that its parent adopted learns its deadline over the channel', async (t) => {
  const app = await startApp(t, 'adopts-forked', { args: ['forked.js'] })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.reason, report.clock.source], [0, { kind: 'signal', signal: 'SIGTERM' }, 'parent'])
  assert.ok(report.clock.terminationGracePeriodSeconds <= 4, `${report.clock.terminationGracePeriodSeconds}`)
})

test('a forked program without lastcall sees nothing of that', async (t) => {
  const app = await startApp(t, 'adopts-forked', { args: ['hears.js'] })
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.equal([code, stdout], [0, 'ready\n'])
})
