import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

test('the code that the app set is kept when all went well', async (t) => {
  const app = await startApp(t, 'sets-exit-code')
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 7)
})

test('the code may be text, as Node allows', async (t) => {
  const app = await startApp(t, 'sets-exit-code', { args: ['9'] })
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 9)
})

for (const where of ['logger', 'begin']) {
  test(`process.exit(0) when the report is out (${where}) ends with the code that the report names`, async (t) => {
    const app = await startApp(t, 'exits-after-report', { args: [where] })
    const { code, report } = await app.exited
    assert.equal([code, report.exitCode, report.ended], [1, 1, 'done'])
    assert.is(report.hook('bad').error?.message, 'null')
  })
}

test('with exit: false the code is the app’s when the report is out', async (t) => {
  const app = await startApp(t, 'exits-after-report', { args: ['logger'], options: { exit: false } })
  assert.is((await app.exited).code, 0)
})

test('with exit: signal a clean process dies of the signal that began it', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['10'], options: { exit: 'signal' } })
  app.kill('SIGTERM')
  const { code, signal, report } = await app.exited
  assert.equal([code, signal, report.outcome], [null, 'SIGTERM', 'clean'])
})

test('with exit: signal an unclean process ends with its code', async (t) => {
  const app = await startApp(t, 'fails-in-hook', { options: { exit: 'signal' } })
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 1)
})

test('with exit: false the process is the app’s again: no listener and no timer is left, and another shutdown can be created', async (t) => {
  const app = await startApp(t, 'stays-alive')
  const { code, stdout } = await app.exited
  assert.match(stdout, 'done; listeners left: 0; resources: \n')
  assert.match(stdout, 'another one: true, running')
  assert.is(code, 0)
})

test('a megabyte on stdout arrives whole through a slow reader', async (t) => {
  const app = await startApp(t, 'says-a-megabyte', { options: { terminationGracePeriodSeconds: 30 } })
  const { stdout } = app.process
  stdout?.pause()
  app.kill('SIGTERM')
  await app.says('lastcall')
  // The process has nothing left to do but to deliver: whoever exits now loses all over 64 KiB.
  stdout?.resume()
  const { code, stdout: text } = await app.exited
  assert.equal([code, text.length, text.slice(-3)], [0, 1_048_576 + 3, 'end'])
})

test('an absent reader does not hold the exit past the reserve', async (t) => {
  const app = await startApp(t, 'says-a-megabyte', { options: { terminationGracePeriodSeconds: 5 } })
  app.process.stdout?.pause()
  const begun = performance.now()
  app.kill('SIGTERM')
  const code = await new Promise((resolve) => app.process.once('exit', resolve))
  assert.is(code, 0)
  assert.ok(performance.now() - begun < 5_000, 'gone before SIGKILL')
  app.process.stdout?.resume()
})

test('process.exit(0) by somebody else in the middle ends with the code of the table, and the report says so', async (t) => {
  const app = await startApp(t, 'exits-in-hook')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.not.match(stdout, 'cleaned up')
  assert.equal([code, report.ended, report.outcome], [1, 'process.exit', 'unclean'])
  assert.equal([report.hook('impatient').outcome, report.hook('never reached').outcome], ['running', 'never ran'])
  assert.match(report.exitedBy?.at ?? '', /test\/apps\/exits-in-hook\.js:6:\d+$/)
})
