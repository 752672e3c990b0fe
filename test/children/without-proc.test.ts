import * as assert from 'uvu/assert'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, commandLine, type Process, processes } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** As on macOS, which has no /proc: here it is hidden. */
function withoutProc(t: TestContext, app: string, command: readonly string[], options: object = {}) {
  const file = new URL(`../apps/${app}.js`, import.meta.url).pathname
  const hidden = 'mount -t tmpfs none /proc && exec "$@"'
  return startProgram(t, ['unshare', '--mount', 'sh', '-c', hidden, 'sh', process.execPath, file], {
    env: { LASTCALL_TEST_OPTIONS: '{}', LASTCALL_TEST_CHILDREN: JSON.stringify([['child', command, options]]) },
  })
}

const sleeps = (seconds: number): Process[] =>
  processes().filter((one) => commandLine(one.pid).trim() === `sleep ${seconds}`)

test(
  'without /proc a child is stopped with its group, and the report says so',
  async (t) => {
    const app = await withoutProc(t, 'supervises', ['sh', '-c', 'sleep 311 & sleep 311'])
    await app.says('child was ready')
    await until(
      'both are there',
      () => sleeps(311),
      (found) => found.length === 2,
    )
    app.kill('SIGTERM')
    const { code, report } = await app.exited
    assert.equal([code, report.outcome, report.children[0]?.killed], [0, 'clean', 0])
    assert.equal(
      report.children[0]?.told.map(({ name }) => name),
      ['process group'],
    )
    assert.equal(sleeps(311), [])
  },
  { skip: can.root() },
)

test(
  'without /proc a deaf child is killed with its group at its limit',
  async (t) => {
    const deaf = ['sh', '-c', 'trap "" TERM; sleep 312; sleep 312']
    const app = await withoutProc(t, 'supervises', deaf, { stopTimeoutMs: 300 })
    await app.says('child was ready')
    await until(
      'it is there',
      () => sleeps(312),
      (found) => found.length === 1,
    )
    app.kill('SIGTERM')
    const { code, report } = await app.exited
    assert.equal([code, report.children[0]?.killed, report.children[0]?.signal], [1, 1, 'SIGKILL'])
    assert.equal(sleeps(312), [])
  },
  { skip: can.root() },
)

test(
  'without /proc the guard kills the group of a child whose service was killed',
  async (t) => {
    const app = await withoutProc(t, 'supervises', ['sh', '-c', 'sleep 313 & sleep 313'])
    await app.says('child was ready')
    const found = await until(
      'both are there',
      () => sleeps(313),
      (all) => all.length === 2,
    )
    app.kill('SIGKILL')
    await app.exited
    await until(
      'nobody is left',
      () => found.filter(alive),
      (left) => left.length === 0,
    )
  },
  { skip: can.root() },
)
