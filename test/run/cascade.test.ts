import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { alive, children, type Process } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, startRun } from './run-cli.ts'

const slowHook = [process.execPath, fileURLToPath(new URL('../apps/slow-hook.js', import.meta.url)), '60000']
const belowBash = ['bash', '-c', '"$@"; exit $?', 'start.sh', ...slowHook]

test('a lastcall below bash knows what --pre-stop left of the time, and ends by itself', async (t) => {
  const run = await startRun(t, ['--grace', '5', '--pre-stop', 'sleep 1'], belowBash)
  run.kill('SIGTERM')
  const { code, report } = await run.exited
  const { terminationGracePeriodSeconds: seconds, source } = report.clock
  assert.is(source, 'parent')
  assert.ok(seconds > 2 && seconds < 3.5, `${seconds} s`)
  // The app's own code: its hook was cut at its deadline. SIGKILL would be 137.
  assert.equal([code, report.hook('slow').outcome], [1, 'timed out'])
})

test("a lastcall that is the command itself is begun by the signal, as it would be without run, on run's clock", async (t) => {
  const run = await startRun(t, ['--grace', '2'], slowHook)
  run.kill('SIGTERM')
  const { report } = await run.exited
  assert.equal([report.reason, report.clock.source], [{ kind: 'signal', signal: 'SIGTERM' }, 'parent'])
  assert.ok(report.clock.terminationGracePeriodSeconds < 2)
})

test('a run in a run spends the budget of the outer one', async (t) => {
  const inner = [
    process.execPath,
    fileURLToPath(new URL('../../dist/cli.js', import.meta.url)),
    'run',
    '--grace',
    '60',
    '--',
  ]
  const run = await startRun(t, ['--grace', '3'], [...inner, ...belowBash])
  run.kill('SIGTERM')
  const { report } = await run.exited
  assert.is(report.clock.source, 'parent')
  assert.ok(report.clock.terminationGracePeriodSeconds < 2.5, `${report.clock.terminationGracePeriodSeconds} s`)
  assert.is(report.hook('slow').outcome, 'timed out')
})

test('what the command supervises is told by the command alone, and run says nothing of it', async (t) => {
  const inner = JSON.stringify([['inner', slowHook, { ready: { line: 'ready' } }]])
  const supervises = [process.execPath, fileURLToPath(new URL('../apps/supervises.js', import.meta.url))]
  const run = await startRun(t, ['--grace', '10', '--json'], supervises, {
    env: { LASTCALL_TEST_CHILDREN: inner },
    ready: 'inner was ready',
  })
  run.kill('SIGTERM')
  const exited = await run.exited
  const { outcome, children } = jsonReport(exited)
  assert.match(exited.stdout + exited.stderr, /hook slow \(close\) timed out/)
  assert.equal([exited.code, outcome, children[0]?.told.length], [0, 'clean', 1])
})

test('a lastcall below a run that is killed stops by itself', async (t) => {
  const run = await startRun(t, [], [...slowHook.slice(0, -1), '10'])
  const [app] = children(run.pid)
  run.kill('SIGKILL')
  await run.exited
  await until(
    'it has gone',
    () => alive(app as Process),
    (lives) => !lives,
  )
  assert.match(run.stdout + run.stderr, 'clean: the end of the parent')
})
