import * as assert from 'uvu/assert'
import { createShutdown, type Phase } from '../../lib/index.ts'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

const lines = (text: string): string[] => text.trim().split('\n')

test('phases run in order, hooks of a phase side by side, and `after` waits within a phase', async (t) => {
  const app = await startApp(t, 'logs-every-phase')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  const said = lines(stdout).slice(1)
  assert.equal(said.slice(0, 6), [
    'leave begins',
    'leave ends',
    'drain begins',
    'drain ends',
    'children begins',
    'children ends',
  ])
  assert.equal(said.slice(-2), ['flush begins', 'flush ends'])
  assert.equal(said.slice(6, 8).sort(), ['cache begins', 'files begins'])
  assert.ok(said.indexOf('db begins') > said.indexOf('cache ends'))
  assert.ok(said.indexOf('files ends') < said.indexOf('cache ends'))
  assert.equal([code, report.outcome, report.ended, report.reason.signal], [0, 'clean', 'done', 'SIGTERM'])
  assert.equal(
    report.phases.map((phase) => phase.outcome),
    ['done', 'done', 'done', 'done', 'done'],
  )
  assert.ok(report.hooks.every((hook) => hook.outcome === 'done'))
})

test('a hung drain hook does not cost the flush phase its time', async (t) => {
  const app = await startApp(t, 'hung-hook', { args: ['drain'], options: { terminationGracePeriodSeconds: 3 } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.phase('drain').outcome, report.phase('flush').outcome], [1, 'timed out', 'done'])
  assert.match(report.verdict, 'hung drain')
})

for (const seconds of [1, 2]) {
  test(`with ${seconds} s of grace and a hung hook in every phase, every other hook ran and the process is gone in time`, async (t) => {
    const phases = ['preStop', 'drain', 'children', 'close', 'flush']
    const app = await startApp(t, 'hung-hook', { args: phases, options: { terminationGracePeriodSeconds: seconds } })
    app.kill('SIGTERM')
    const { code, report } = await app.exited
    assert.is(code, 1)
    assert.equal(
      phases.map((phase) => report.hook(`good ${phase}`).outcome),
      Array(5).fill('done'),
    )
    assert.equal(
      phases.map((phase) => report.hook(`hung ${phase}`).outcome),
      Array(5).fill('timed out'),
    )
    assert.ok(report.durationMs < seconds * 1000, `took ${report.durationMs} ms`)
  })
}

test('a hook knows its own limit, and its signal aborts there', async (t) => {
  const app = await startApp(t, 'shows-context', { options: { terminationGracePeriodSeconds: 10 } })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  const [begin, end] = lines(stdout)
    .slice(1)
    .map((line) => JSON.parse(line))
  assert.equal([begin.aborted, begin.isDate, begin.reason], [false, true, { kind: 'signal', signal: 'SIGTERM' }])
  assert.ok(begin.left > 0 && begin.left <= 150 && begin.aheadMs <= 150)
  assert.equal(end, { why: 'TimeoutError', left: 0 })
  assert.equal([code, report.hook('looks').outcome, report.hook('looks').limitMs], [1, 'timed out', 150])
})

test('a hook that throws is in the report, and those that wait for it still run', async (t) => {
  const app = await startApp(t, 'fails-in-hook')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'good ran')
  assert.equal(
    [code, report.hook('bad').outcome, report.hook('bad').error?.message],
    [1, 'failed', 'the pool was gone'],
  )
  assert.match(report.verdict, 'the pool was gone')
})

test('what a late hook registers is awaited, too', async (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const ended: string[] = []
  const adds = (name: string, phase: Phase, more?: () => void): void =>
    void shutdown.hook(
      name,
      async () => {
        await turn()
        more?.()
        await turn()
        ended.push(name)
      },
      { phase },
    )
  adds('flush', 'flush', () => adds('late', 'drain', () => adds('later', 'close', () => adds('last', 'flush'))))
  const { hooks, outcome } = await shutdown.begin('test')
  assert.equal([ended, outcome], [['flush', 'late', 'later', 'last'], 'clean'])
  assert.equal(
    hooks.map(({ outcome: one }) => one),
    ['done', 'done', 'done', 'done'],
  )
})

test('a hook that is registered while stopping joins its phase, waits for a later one, or runs at once and is late', async (t) => {
  const app = await startApp(t, 'registers-late')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal(lines(stdout).slice(1).sort(), ['joins', 'later', 'over'])
  assert.equal(
    [code, report.hook('over').late, report.hook('joins').late, report.hook('later').late],
    [0, true, false, false],
  )
})

test('drain waits for tracked work, then the cutoff aborts', async (t) => {
  const app = await startApp(t, 'tracks-work')
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal(lines(stdout).slice(1), ['stopping', 'short job done', 'close; cutoff true'])
  assert.equal([code, report.tracked], [0, { finished: 1, undone: 0 }])
})

test('tracked work that outlasts drain is given up by the cutoff, counted, and makes a SIGTERM end with 143', async (t) => {
  const app = await startApp(t, 'tracks-work', { args: ['endless'], options: { terminationGracePeriodSeconds: 2 } })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'endless job was given up\nclose; cutoff true')
  assert.equal([code, report.outcome, report.tracked], [143, 'unclean', { finished: 1, undone: 1 }])
})

test('tracked work that fails of the cutoff is undone, which is no uncaught error', async (t) => {
  const app = await startApp(t, 'tracks-work', { args: ['aborted'], options: { terminationGracePeriodSeconds: 2 } })
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  assert.equal([code, report.errors, report.tracked], [143, [], { finished: 1, undone: 1 }])
  assert.not.match(stderr, 'AbortError')
})

test('any number of begins is one shutdown; inside a hook begin gives the report so far', async (t) => {
  const app = await startApp(t, 'calls-begin')
  const { code, stdout } = await app.exited
  assert.equal(lines(stdout).slice(1), [
    'same promise: true',
    'inside: in progress, running',
    'outside: done, maintenance, code 0',
  ])
  assert.is(code, 0)
})

test('twenty hooks of a phase, each with twenty listeners, make Node warn of no leak', async (t) => {
  const app = await startApp(t, 'many-hooks', { args: ['20'] })
  app.kill('SIGTERM')
  const { code, stderr, report } = await app.exited
  assert.equal([code, report.hooks.length], [0, 20])
  assert.not.match(stderr, 'MaxListeners')
})
