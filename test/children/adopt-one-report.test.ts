import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const lines = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith('lastcall: '))

test('a worker thread: one SIGTERM is one shutdown, one report and one line, with the hooks of both', async (t) => {
  const app = await startApp(t, 'both-have-hooks', { args: ['thread'], ready: /^up$/m })
  app.kill('SIGTERM')
  const { code, stdout, stderr, report } = await app.exited
  assert.equal(stdout.match(/\w+ hook/g), ['other hook', 'main hook'])
  assert.equal([lines(stderr).length, report.outcome, report.reason.signal, code], [1, 'clean', 'SIGTERM', 0], stderr)
  assert.match(stderr, /^lastcall: clean: SIGTERM/)
  assert.equal(
    report.children.map((child) => [child.name, child.code, child.told.length, child.killed]),
    [['jobs', 0, 1, 0]],
  )
})

test('a worker thread whose hook fails says so in a line of its own, and its code stands in the one report', async (t) => {
  const app = await startApp(t, 'both-have-hooks', { args: ['thread', 'fails'], ready: /^up$/m })
  app.kill('SIGTERM')
  const { stdout, stderr, report } = await app.exited
  assert.equal(stdout.match(/\w+ hook/g), ['other hook', 'main hook'])
  assert.match(lines(stderr)[0] ?? '', /unclean.*own.*no luck/)
  assert.equal([lines(stderr).length, report.children[0]?.code], [2, 1], stderr)
})

test('a worker thread that nobody adopted is not told, and ends with the process', async (t) => {
  const app = await startApp(t, 'both-have-hooks', { args: ['alone'], ready: /^up$/m })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal([code, stdout.match(/\w+ hook/g), report.children], [0, ['main hook'], []])
})

test('cluster workers: one SIGTERM is one shutdown and one report of the service, with the hooks of all', async (t) => {
  const app = await startApp(t, 'both-have-hooks', { args: ['cluster'], ready: false })
  await until(
    'both workers are up',
    () => app.stdout.match(/^up$/gm)?.length,
    (up) => up === 2,
  )
  app.kill('SIGTERM')
  const { code, stdout, stderr, report } = await app.exited
  assert.equal(stdout.match(/\w+ hook/g), ['other hook', 'other hook', 'main hook'])
  assert.equal([report.outcome, report.reason.signal, code], ['clean', 'SIGTERM', 0], stderr)
  assert.equal(
    report.children.map((child) => [child.name, child.code, child.told.length, child.killed]),
    [
      ['web worker 1', 0, 1, 0],
      ['web worker 2', 0, 1, 0],
    ],
  )
  // Each worker is a process of its own, with a line of its own.
  assert.is(lines(stderr).length, 3, stderr)
})
