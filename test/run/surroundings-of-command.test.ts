import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Report } from '../../lib/report/report.ts'
import { stopSeconds } from '../../lib/run/stop-seconds.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, runToEnd, saysSignals, startRun } from './run-cli.ts'

test('the command finds its own stop time in TERMINATION_GRACE_PERIOD_SECONDS, in whole seconds', () => {
  const table = [
    [30, 29],
    [5, 4],
    [10.5, 9],
    [2, 1],
    [1, 1],
    [3600, 3599],
  ] as const
  for (const [grace, expected] of table) assert.is(stopSeconds(grace), expected, `--grace ${grace}`)
})

test('--grace comes before the environment, and the environment before 30 s', async (t) => {
  const show = ['sh', '-c', 'echo "$TERMINATION_GRACE_PERIOD_SECONDS"']
  const env = { TERMINATION_GRACE_PERIOD_SECONDS: '20' }
  assert.is((await runToEnd(t, ['--grace', '10'], show, { env })).stdout, '9\n')
  assert.is((await runToEnd(t, [], show, { env })).stdout, '19\n')
  assert.is((await runToEnd(t, [], show)).stdout, '29\n')
})

test('a grace period in the environment that is no number is said once, and the command has 30 s', async (t) => {
  const env = { TERMINATION_GRACE_PERIOD_SECONDS: 'soon' }
  const show = ['sh', '-c', 'echo "$TERMINATION_GRACE_PERIOD_SECONDS"']
  const { code, stdout, stderr } = await runToEnd(t, [], show, { env })
  assert.equal([code, stdout], [0, '29\n'])
  assert.is(stderr.split('TERMINATION_GRACE_PERIOD_SECONDS is no number of seconds').length, 2, stderr)
})

test('a run in a run appends to the mark of the outer one', async (t) => {
  const show = 'echo "$LASTCALL_TREE"; exec "$@" sh -c \'echo "$LASTCALL_TREE"\''
  const { argv } = process
  const cli = new URL('../../dist/cli.js', import.meta.url).pathname
  const { stdout } = await runToEnd(t, [], ['sh', '-c', show, 'sh', argv[0] as string, cli, 'run', '--'])
  const [outer = '', inner = ''] = stdout.split('\n')
  assert.match(outer, /^\d+-[0-9a-f]+$/)
  assert.ok(inner.startsWith(`${outer}/`), stdout)
})

test('--report is written at the begin and replaced at the end', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-run-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'report.json')
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as Report
  const app = await startRun(t, ['--report', file, '--json'], saysSignals(3))
  app.kill('SIGTERM')
  await app.says('cleaning up')
  assert.equal([read().ended, read().outcome, read().exitCode], ['in progress', 'unclean', null])
  const ended = await app.exited
  assert.equal([read().ended, read().outcome, read().exitCode], ['done', 'clean', 3])
  assert.equal(read(), jsonReport(ended))
})

test('the report does not name the ended command as what holds the event loop', async (t) => {
  assert.equal(jsonReport(await runToEnd(t, ['--json'], ['true'])).openHandles, [])
})

test('pipes that the command shares stay blocking, also while it is stopped', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-run-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'flags')
  // Named ones: what `spawn` calls a pipe is a socket.
  const pipes = ['stdin', 'stdout', 'stderr'].map((name) => {
    const pipe = join(folder, name)
    execFileSync('mkfifo', [pipe])
    const fd = openSync(pipe, 'r+')
    t.after(() => closeSync(fd))
    return fd
  })
  const show = `for fd in 0 1 2; do grep flags /proc/$$/fdinfo/$fd; done >> ${file}`
  const script = `trap 'sleep 0.5; ${show}; exit' TERM; ${show}; echo ready >> ${file}; while :; do sleep 0.05; done`
  const app = await startRun(t, ['--pre-stop', 'true'], ['sh', '-c', script], { stdio: pipes, ready: false })
  const said = () => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  await until('the command is ready', said, (text) => text.includes('ready'))
  app.kill('SIGTERM')
  await app.exited
  // 04000 is O_NONBLOCK; with it a write of more than the pipe takes fails with EAGAIN.
  const flags = [...said().matchAll(/flags:\s+0*(\d+)/g)].map(
    (match) => Number.parseInt(match[1] as string, 8) & 0o4000,
  )
  assert.equal(flags, [0, 0, 0, 0, 0, 0], said())
})
