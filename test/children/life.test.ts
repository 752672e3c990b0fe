import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { commandLine, type Process, tree } from '../support/processes.ts'
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
