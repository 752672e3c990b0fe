import process from 'node:process'
import * as assert from 'uvu/assert'
import { children } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { saysSignals, startRun } from './run-cli.ts'

test('SIGUSR1, SIGUSR2 and SIGWINCH are handed on, and begin nothing', async (t) => {
  const app = await startRun(t, [], saysSignals())
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const) {
    app.kill(signal)
    await app.says(`got ${signal}\n`)
  }
  app.kill('SIGTERM')
  const { code, stdout, stderr } = await app.exited
  assert.equal([code, stderr], [0, ''])
  assert.match(stdout, /got SIGUSR1\ngot SIGUSR2\ngot SIGWINCH\ngot SIGTERM\n/)
})

test('a signal that nobody handles is handed to nobody: its default action would kill', async (t) => {
  const app = await startRun(t, ['--pass', 'HUP'], ['sh', '-c', 'echo ready; sleep 3000; true'])
  app.kill('SIGUSR1')
  app.kill('SIGHUP')
  app.kill('SIGUSR2')
  // What would have killed them would have ended the command, and run with it, before this one is handled.
  app.kill('SIGTERM')
  const { code } = await app.exited
  assert.is(code, 0, 'sleep was ended by SIGTERM, and sh went on to `true`')
})

test('--pass HUP reloads, and does not stop', async (t) => {
  const app = await startRun(t, ['--pass', 'HUP', '--pass', 'TTIN'], saysSignals(0, 'keeps SIGHUP'))
  for (const signal of ['SIGHUP', 'SIGTTIN', 'SIGHUP'] as const) app.kill(signal)
  await app.says('got SIGHUP')
  await app.says('got SIGTTIN')
  app.kill('SIGTERM')
  const { stdout } = await app.exited
  assert.match(stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
})

test('the command has a session of its own, so that a signal to our group reaches it once', async (t) => {
  const app = await startRun(t, [], saysSignals(2))
  const [child] = await until(
    'the command runs',
    () => children(app.pid),
    (found) => found.length === 1,
  )
  assert.equal([child?.pgid, child?.sid], [child?.pid, child?.pid])
  app.killGroup('SIGTERM')
  const { code, stdout } = await app.exited
  assert.equal([code, stdout.match(/got SIGTERM/g)?.length], [2, 1])
})

test('a stop in the first milliseconds reaches the command, or nothing was started', async (t) => {
  for (let i = 0; i < 3; i++) {
    const app = await startRun(t, ['--json'], ['sleep', '3000'], { ready: false })
    await until('the command is there', () => children(app.pid).length > 0 || app.process.exitCode !== null)
    process.kill(app.pid, 'SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 143, stderr)
    assert.match(stderr, /"outcome":"clean"/)
  }
})

test('a SIGTERM that is repeated until the very end leaves the code what the command ended with', async (t) => {
  // Each time it may meet another moment of the end.
  for (let round = 0; round < 3; round++) {
    const app = await startRun(t, [], ['sh', '-c', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'])
    let isOver = false
    app.process.once('exit', () => {
      isOver = true
    })
    while (!isOver) {
      app.process.kill('SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const { code, signal } = await app.exited
    assert.equal([code, signal], [7, null])
  }
})
