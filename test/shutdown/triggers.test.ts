import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type App, startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { commandLine, processes } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} begins the shutdown`, async (t) => {
    const app = await startApp(t, 'slow-hook', { args: ['10'] })
    app.kill(signal)
    const { code, report } = await app.exited
    assert.equal([code, report.reason], [0, { kind: 'signal', signal }])
    assert.equal(
      report.signals.map((one) => [one.signal, one.effect]),
      [[signal, 'began']],
    )
  })
}

test('SIGHUP is left to an app that listens to it', async (t) => {
  const app = await startApp(t, 'listens-to-sighup')
  app.kill('SIGHUP')
  await app.says('reloaded')
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.reason.signal], [0, 'SIGTERM'])
})

test('SIGHUP begins the shutdown of an app that listens to it and names it in signals; the listener is reported', async (t) => {
  const app = await startApp(t, 'listens-to-sighup', { options: { signals: ['SIGHUP'] } })
  app.kill('SIGHUP')
  const { report } = await app.exited
  assert.is(report.reason.signal, 'SIGHUP')
  assert.equal(
    report.foreignListeners.map(({ signal, count }) => [signal, count]),
    [['SIGHUP', 1]],
  )
})

for (const how of ['throw', 'reject']) {
  test(`an uncaught error (${how}) prints its stack, runs the hooks and ends with 1`, async (t) => {
    const app = await startApp(t, 'throws', { args: [how] })
    app.kill('SIGUSR2')
    const { code, stdout, stderr, report } = await app.exited
    assert.match(stdout, 'cleaned up')
    assert.match(stderr, /Error: boom\n\s+at .*throws\.js/)
    assert.equal([code, report.reason.kind, report.reason.message], [1, 'error', 'boom'])
    assert.is(report.errors[0]?.message, 'boom')
  })
}

test('with a listener of the app an uncaught error is the app’s, unless errors is always', async (t) => {
  const app = await startApp(t, 'throws', { args: ['listens'] })
  app.kill('SIGUSR2')
  await app.says('the app saw boom')
  app.kill('SIGTERM')
  assert.is((await app.exited).report.reason.kind, 'signal')

  const always = await startApp(t, 'throws', { args: ['listens'], options: { errors: 'always' } })
  always.kill('SIGUSR2')
  assert.is((await always.exited).report.reason.kind, 'error')
})

test('with errors: never an uncaught error ends the process as without lastcall', async (t) => {
  const app = await startApp(t, 'throws', { options: { errors: 'never' } })
  app.kill('SIGUSR2')
  const { code, stdout } = await app.exited
  assert.is(code, 1)
  assert.not.match(stdout, 'cleaned up')
})

test('an error during a shutdown is recorded and does not cut it short', async (t) => {
  const app = await startApp(t, 'throws', { args: ['again'] })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'cleaned up')
  assert.equal([code, report.ended, report.reason.kind, report.errors.length], [1, 'done', 'signal', 1])
})

test('an empty event loop begins the shutdown', async (t) => {
  const app = await startApp(t, 'ends-by-itself')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'cleaned up')
  assert.equal([code, report.reason.kind], [0, 'empty'])
})

test('the same signal at once is an echo, and the shutdown goes on', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['300'] })
  app.kill('SIGINT')
  await app.says('slow begins')
  app.kill('SIGINT')
  const { code, report } = await app.exited
  assert.equal([code, report.ended, report.signals[1]?.effect], [0, 'done', 'echo'])
})

test('a second Ctrl-C after half a second forces the exit with 130, and the report names what was running', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['15000'] })
  app.kill('SIGINT')
  await app.says('slow begins')
  // The half second is what is tested: this is no wait for an event.
  await new Promise((resolve) => setTimeout(resolve, 600))
  app.kill('SIGINT')
  const { code, report } = await app.exited
  assert.equal([code, report.ended, report.outcome, report.hook('slow').outcome], [130, 'forced', 'unclean', 'running'])
})

test('a reader of stdout that goes away neither begins a shutdown nor makes a loop (a socket)', async (t) => {
  const app = await startApp(t, 'talks', { options: { errors: 'always' } })
  app.process.stdout?.destroy()
  await endsWell(app)
})

test('a reader of stdout that goes away neither begins a shutdown nor makes a loop (a named pipe)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-pipe-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  const app = await startApp(t, 'talks', { options: { errors: 'always' }, stdio: ['ignore', writer, 'pipe'] })
  closeSync(writer)
  closeSync(reader)
  await endsWell(app)
})

test(
  'a reader of stdout that goes away neither begins a shutdown nor makes a loop (a pipe of a shell)',
  async (t) => {
    // Node makes sockets where it says pipe; a shell makes pipes, which tell less of their readers.
    const shell = await startProgram(t, ['sh', '-c', 'sleep 60 | sleep 61'], { ready: false })
    const sleeping = (args: string): number | undefined =>
      processes().find((one) => one.ppid === shell.pid && commandLine(one.pid) === args)?.pid
    const left = await until('the pipe is there', () => sleeping('sleep 60'))
    const right = await until('its reader is there', () => sleeping('sleep 61'))
    const writer = openSync(`/proc/${left}/fd/1`, constants.O_WRONLY)
    const app = await startApp(t, 'talks', { options: { errors: 'always' }, stdio: ['ignore', writer, 'pipe'] })
    closeSync(writer)
    process.kill(right as number, 'SIGKILL')
    await endsWell(app)
  },
  { skip: can.linux() },
)

async function endsWell(app: App): Promise<void> {
  await app.says('still here after 100 writes')
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  assert.equal([code, report.reason.kind, report.errors], [0, 'signal', []])
  assert.not.match(stderr, 'EPIPE')
}
