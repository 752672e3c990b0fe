import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { alive, commandLine, type Process, processes } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const SCRIPT = "trap 'echo told; sleep 0.1; echo cleaned up; exit 0' TERM; sleep 311 & echo up; wait; wait"

async function adopts(t: TestContext, way: string, script: string, options = {}, detached = ''): Promise<App> {
  const app = await startApp(t, 'adopts-process', { args: [way, script, JSON.stringify(options), detached] })
  await app.says('up')
  return app
}

const sleeps = (): Process[] => processes().filter((one) => commandLine(one.pid) === 'sleep 311')

for (const way of ['spawn', 'execa, caught']) {
  for (const detached of ['', 'detached']) {
    const where = detached ? 'a group of its own' : 'our group'
    test(`a process of ${way} in ${where} is told, cleans up, and its whole tree has gone`, async (t) => {
      const app = await adopts(t, way, SCRIPT, {}, detached)
      assert.match(app.stdout, 'ready process')
      app.kill('SIGTERM')
      const { code, stdout, report } = await app.exited
      assert.match(stdout, /told\n[\s\S]*cleaned up/)
      assert.equal([code, report.outcome, sleeps()], [0, 'clean', []], report.verdict)
      assert.equal(
        report.children.map(({ name, code, killed }) => [name, code, killed]),
        [['tree', 0, 0]],
      )
    })
  }
}

test('a promise of execa that nobody awaits is as unhandled as ever: it is in the report', async (t) => {
  const app = await adopts(t, 'execa', 'echo up; exec sleep 311')
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.is(code, 1)
  assert.match(report.errors[0]?.message ?? '', /SIGTERM/)
})

test('a deaf tree is killed at its limit, and counted', async (t) => {
  const app = await adopts(t, 'spawn', 'trap "" TERM; sleep 311 & echo up; wait', { stopTimeoutMs: 300 })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.is(code, 1)
  assert.ok((report.children[0]?.killed ?? 0) >= 2)
  assert.equal(sleeps(), [])
})

test('nobody of an adopted tree is left when the service is killed', async (t) => {
  const app = await adopts(t, 'spawn', 'sleep 311 & setsid sleep 311 & echo up; wait')
  const before = await until('the tree is there', sleeps, (found) => found.length === 2)
  app.kill('SIGUSR2')
  await app.exited
  await until(
    'nobody is left',
    () => before.filter(alive),
    (left) => left.length === 0,
  )
})

test('a significant one ends the whole with its exit code; another one that ends leaves us running', async (t) => {
  const app = await adopts(t, 'spawn', 'echo up; exit 7', { significant: true })
  const { code, report } = await app.exited
  assert.equal([code, report.reason.kind, report.reason.child], [7, 'child', 'tree'])
})
