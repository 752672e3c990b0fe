import * as assert from 'uvu/assert'
import { type App, type AppOptions, startApp } from '../../support/app.ts'
import { alive, commandLine, type Process, tree } from '../../support/processes.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

interface Service {
  readonly app: App
  /** The child and its two children. */
  readonly child: readonly Process[]
}

/** An app of `with-tree.js`, once its tree is there. */
async function start(t: TestContext, name: string, args: string[], options: AppOptions = {}): Promise<Service> {
  const app = await startApp(t, name, { args, ...options })
  const child = await until(
    'the child and its children are there',
    () => tree(app.pid).filter((one) => /^(sh -c|sleep 60)/.test(commandLine(one.pid))),
    (found) => found.length === 3,
  )
  return { app, child }
}

async function assertGone(child: readonly Process[]): Promise<void> {
  await until(
    'nobody of the tree is left',
    () => child.filter(alive),
    (left) => left.length === 0,
  )
}

for (const [when, how] of [
  ['late', 'process.exit'],
  ['early', 'process.exit'],
  ['late', 'named'],
] as const) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`a library that exits on ${signal} (listening ${when}, by ${how}): trees are killed, the report names it`, async (t) => {
      const { app, child } = await start(t, 'exits-on-signal', [when, how])
      app.kill(signal)
      const { code, stdout, report } = await app.exited
      await assertGone(child)
      assert.not.match(stdout, 'closed')
      assert.equal([code, report.exitCode, report.ended, report.reason.signal], [1, 1, 'process.exit', signal])
      assert.equal([report.exitedBy?.code, report.exitedBy?.by?.split('.').at(-1)], [130, 'onSignal'])
      assert.match(report.exitedBy?.at ?? '', /\/test\/apps\/exits-on-signal\.js:9:\d+$/)
      assert.match(report.exitedBy?.stack ?? '', /^at .*onSignal \(.*exits-on-signal\.js:9:/)
      assert.match(report.verdict, /^unclean: process\.exit\(130\) was called after .* by .*onSignal/)
      assert.equal(
        report.foreignListeners.map(({ signal, count, names }) => [signal, count, names]),
        ['SIGTERM', 'SIGINT'].map((one) => [one, 1, ['onSignal']]),
      )
    })
  }
}

test('a process.exit that a timer called has no author in its stack: the report says so by Node’s own file', async (t) => {
  const { app } = await start(t, 'exits-on-signal', ['late', 'timer'])
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.ended], [1, 'process.exit'])
  assert.match(report.exitedBy?.at ?? '', /^node:internal\/timers:\d+:\d+$/)
})

test('an error that ends the process in the middle is no process.exit: nobody is blamed', async (t) => {
  const app = await startApp(t, 'throws', { args: ['again'], options: { errors: 'never' } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.ended, report.exitedBy], [1, 'process.exit', undefined])
  assert.match(report.verdict, /^unclean: something else ended the process after/)
})

test('process.exit before any shutdown is the app’s own: its code stands, no report is written, the tree is killed', async (t) => {
  const { app, child } = await start(t, 'exits-on-signal', ['late'])
  app.kill('SIGUSR2')
  const exited = await app.exited
  await assertGone(child)
  assert.is(exited.code, 5)
  assert.throws(() => exited.report, /wrote no report/)
})

test('a library that cleans up and then exits with 0 cuts the hooks off, and the code does not hide it', async (t) => {
  const { app, child } = await start(t, 'reraises', ['exit'])
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  await assertGone(child)
  assert.equal([code, report.ended, report.exitedBy?.code], [1, 'process.exit', 0])
  // Behind an await the stack is the library's own function still.
  assert.match(report.exitedBy?.at ?? '', /reraises\.js:14:\d+$/)
  assert.equal([report.hook('drains').outcome, report.hook('closes').outcome], ['running', 'never ran'])
})

for (const style of ['terminus', 'nest']) {
  test(`a library that sends SIGTERM to its own process when it is done (${style} style) does not cut the shutdown short`, async (t) => {
    const { app, child } = await start(t, 'reraises', [style])
    app.kill('SIGTERM')
    const { code, signal, stdout, report } = await app.exited
    await assertGone(child)
    assert.match(stdout, /theirs is done, SIGTERM\n[\s\S]*closed/)
    assert.equal([code, signal, report.ended], [0, null, 'done'])
    assert.equal(
      report.signals.map((one) => [one.signal, one.effect]),
      [
        ['SIGTERM', 'began'],
        ['SIGTERM', 'echo'],
      ],
    )
  })
}

test('a SIGINT that a library sends to its own process late counts as a second Ctrl-C, unless secondSignal says ignore', async (t) => {
  const { app, child } = await start(t, 'reraises', ['nest', '600', '15000'])
  app.kill('SIGINT')
  const forced = await app.exited
  await assertGone(child)
  assert.equal([forced.code, forced.report.ended], [130, 'forced'])

  const ignoring = await start(t, 'reraises', ['nest', '600', '900'], { options: { secondSignal: 'ignore' } })
  ignoring.app.kill('SIGINT')
  const { code, report } = await ignoring.app.exited
  assert.equal([code, report.ended, report.signals.map((one) => one.effect)], [0, 'done', ['began', 'counted']])
})

test('what listeners of beforeExit still do is waited for: the loop is empty only then', async (t) => {
  const app = await startApp(t, 'works-before-exit')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /^ready\nearly worked\nlate worked\nearly worked\nlate worked\nclosed\n$/)
  assert.equal([code, report.reason.kind, report.outcome], [0, 'empty', 'clean'])
})
