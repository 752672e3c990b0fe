import process from 'node:process'
import * as assert from 'uvu/assert'
import { startProgram } from './app.ts'
import { alive, isDead, marked, processes } from './processes.ts'
import { test } from './suite.ts'

const leftBehind: number[] = []

test('an app is ready when it says so, is signalled, and tells how it ended', async (t) => {
  const app = await startProgram(t, [
    'sh',
    '-c',
    'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
  ])
  app.kill('SIGTERM')
  await app.says('bye')
  const { code, signal, stdout } = await app.exited
  assert.equal([code, signal, stdout], [3, null, 'ready\nbye\n'])
})

test('an app that ends before it is ready is an error that shows what it said', async (t) => {
  const error = await startProgram(t, ['sh', '-c', 'echo no such luck >&2; exit 4']).catch((e) => e)
  assert.match(error.message, /ended \(4\) and never said .*\nno such luck/)
})

test('a program that does not exist is an error', async (t) => {
  const error = await startProgram(t, ['lastcall-no-such-program']).catch((e) => e)
  assert.is(error.code, 'ENOENT')
})

test('a daemon that keeps the output open does not hold up `exited`', async (t) => {
  const app = await startProgram(t, ['sh', '-c', 'setsid sleep 62 & echo ready'])
  assert.is((await app.exited).code, 0)
})

test('an app that wrote no report says so when it is asked for', async (t) => {
  const app = await startProgram(t, ['sh', '-c', 'echo ready'])
  const ended = await app.exited
  assert.throws(() => ended.report, /the app wrote no report. It said:\nready/)
})

test('an app does not see what npm, a debugger or the run has set', async (t) => {
  process.env.LASTCALL_TREE = 'a'
  process.env.npm_config_x = 'b'
  t.after(() => delete process.env.LASTCALL_TREE)
  const app = await startProgram(t, ['sh', '-c', 'echo ready; echo "<$LASTCALL_TREE$npm_config_x$DEBUG>"'])
  assert.match((await app.exited).stdout, /^<>$/m)
})

test('an app that ignores SIGTERM is left running by this test', async (t) => {
  const app = await startProgram(t, ['sh', '-c', 'trap "" TERM; (setsid sleep 63 &); echo ready; sleep 64'], {
    env: { APP_TEST: 'left' },
  })
  leftBehind.push(app.pid, ...marked('APP_TEST', 'left').map((p) => p.pid))
})

test('it was killed when that test ended, and its daemon with it', () => {
  assert.ok(leftBehind.length >= 2, `${leftBehind}`)
  assert.equal(
    leftBehind.filter((pid) => alive(pid)),
    [],
  )
  assert.equal(
    processes().filter((p) => p.comm === 'sleep' && p.sid === leftBehind[0] && !isDead(p)),
    [],
  )
})
