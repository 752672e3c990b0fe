import * as assert from 'uvu/assert'
import { type App, startApp } from '../support/app.ts'
import { type TestContext, test } from '../support/suite.ts'

type Thread = readonly [name: string, code: string, options?: Record<string, unknown>]

function threads(t: TestContext, all: readonly Thread[]): Promise<App> {
  return startApp(t, 'adopts-threads', { env: { LASTCALL_TEST_THREADS: JSON.stringify(all) } })
}

const UP =
  "const { parentPort } = require('node:worker_threads'); parentPort.postMessage('up'); setInterval(() => {}, 1e3);"

test('a thread with lastcall runs its own hooks within the limit, and ends by itself', async (t) => {
  const app = await threads(t, [['jobs', './thread-with-hooks.js', { stopTimeoutMs: 8_000 }]])
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /hook of the thread, true\n[\s\S]*hook of the thread is done/)
  assert.match(stdout, 'thread says lastcall: clean')
  const [child] = report.children
  assert.equal(
    [code, child?.name, child?.code, child?.killed, child?.told.length],
    [0, 'jobs', 0, 0, 1],
    report.verdict,
  )
  assert.ok((child?.threadId ?? 0) > 0)
})

test('a thread without lastcall is terminated at once, which is clean', async (t) => {
  const app = await threads(t, [['plain', UP]])
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome, report.children[0]?.killed, report.children[0]?.told], [0, 'clean', 0, []])
})

test('a thread that is told by a message ends by itself', async (t) => {
  const listens = `${UP} parentPort.on('message', (m) => process.exit(m === 'stop' ? 0 : 9))`
  const app = await threads(t, [['asked', listens, { message: 'stop' }]])
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.children[0]?.code, report.children[0]?.killed], [0, 0, 0])
})

test('a thread that does not heed its message is terminated at its limit, and that is unclean', async (t) => {
  const app = await threads(t, [['deaf', UP, { message: 'stop', stopTimeoutMs: 300 }]])
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.children[0]?.killed], [1, 1])
  assert.match(report.verdict, 'of deaf had to be terminated')
})

const HOOK = "require('lastcall').createShutdown({ logger() {} }).hook('own', () => console.log('hook of the thread'));"
const FAILS = "setTimeout(() => { throw new Error('boom') }, 50)"
const BLOCKS = 'for (;;);'

test('an uncaught error in a thread with lastcall runs its hooks and ends it alone; significant, it ends the whole', async (t) => {
  const app = await threads(t, [
    ['fails', `${HOOK}${UP}${FAILS}`],
    ['stays', UP],
  ])
  await app.says('fails ended with 1')
  app.kill('SIGTERM')
  const { code, stdout: said, report } = await app.exited
  assert.match(said, 'hook of the thread')
  assert.equal([code, report.reason.kind, report.errors], [0, 'signal', []])
  const whole = await threads(t, [['fails', `${HOOK}${UP}${FAILS}`, { significant: true }]])
  const { code: ours, stdout, report: its } = await whole.exited
  assert.equal([ours, its.reason.child, stdout.match(/hook of the thread/g)?.length], [1, 'fails', 1])
})

test('an uncaught error in a thread without lastcall that nobody listens to is one of the service', async (t) => {
  const app = await threads(t, [['fails', `${UP}${FAILS}`]])
  const { code, report } = await app.exited
  assert.equal([code, report.reason.kind, report.errors[0]?.message], [1, 'error', 'boom'])
})

test('a thread whose event loop is blocked is terminated at its limit, and that is unclean', async (t) => {
  const app = await threads(t, [['blocked', `${HOOK}${UP}${BLOCKS}`, { stopTimeoutMs: 300 }]])
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.equal([code, report.children[0]?.killed, stdout.includes('hook of the thread')], [1, 1, false])
})
