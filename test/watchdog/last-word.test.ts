import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as assert from 'uvu/assert'
import { LastWord, WORDS_BYTES } from '../../lib/watchdog/last-word.ts'
import { type App, startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = can.linux()

async function ended(t: TestContext, way: string): Promise<Awaited<App['exited']>> {
  const app = await startApp(t, 'blocks-late', { args: [way], options: { terminationGracePeriodSeconds: 2 } })
  app.kill('SIGTERM')
  return app.exited
}

const said = (stderr: string): number => stderr.match(/^lastcall: /gm)?.length ?? 0

test(
  'an exit listener that never returns: the report that is out stays, and its exit code comes true',
  async (t) => {
    const { code, report, stderr } = await ended(t, 'exit listener')
    assert.equal([code, report.ended, report.exitCode, report.outcome], [0, 'done', 0, 'clean'])
    assert.is(said(stderr), 1, stderr)
  },
  { skip },
)

test(
  'one in a native call has to be killed: of the report nothing but the exit code changes',
  async (t) => {
    const { signal, report, stderr } = await ended(t, 'native exit listener')
    assert.equal([signal, report.ended, report.exitCode, report.outcome], ['SIGKILL', 'done', 137, 'clean'])
    assert.is(said(stderr), 1, stderr)
  },
  { skip },
)

test(
  'a logger that never returns is a block like any other',
  async (t) => {
    const { code, report, stderr } = await ended(t, 'logger')
    assert.equal([code, report.ended, report.exitCode, report.blocked?.at?.function], [1, 'blocked', 1, 'blockHere'])
    assert.is(said(stderr), 1, stderr)
  },
  { skip },
)

test(
  'a block that ends while the watchdog tells of it is told once, with the code that the process ends with',
  async (t) => {
    const { code, report, stderr } = await ended(t, 'until the watchdog tells')
    assert.equal([code, report.ended, report.exitCode], [1, 'blocked', 1])
    assert.is(said(stderr), 1, stderr)
  },
  { skip },
)

const words = () => new LastWord(new SharedArrayBuffer(WORDS_BYTES), 0)

test('what main has told the thread does not tell again', () => {
  const word = words()
  word.tell(7, () => assert.is(word.isMains, true))
  assert.is(word.take().told, 7)
})

test('the thread takes it from a main that tells for too long, and gives it back for a debugger', () => {
  const word = words()
  word.tell(7, () => {
    const { told, giveBack } = word.take()
    assert.equal([told, word.isMains], [undefined, false])
    giveBack()
  })
  assert.is(word.take().told, 7)
})

test('while the thread has it main stands still, and tells when it is given back', async (t) => {
  const shared = new SharedArrayBuffer(WORDS_BYTES + 4)
  const times = () => Atomics.load(new Int32Array(shared), WORDS_BYTES / 4)
  const word = new LastWord(shared, 0)
  const { giveBack } = word.take()
  // On Node 20 a thread does not start with TypeScript.
  const start = `import('tsx/esm/api').then(({ register }) => register() && import('${new URL('tells.ts', import.meta.url)}'))`
  const main = new Worker(start, { eval: true, workerData: shared, execArgv: [] })
  t.after(() => main.terminate())
  const over = once(main, 'exit')
  await until('main waits', () => word.isAwaited, Boolean)
  assert.is(times(), 0)
  giveBack()
  await over
  assert.equal([times(), word.take().told], [1, 7])
})

test('who ends the process is one alone: main for the thread, or the thread by force', () => {
  const left = words()
  left.take()
  assert.equal([left.leaves(), left.forces()], [true, false])
  const forced = words()
  forced.take()
  assert.equal([forced.forces(), forced.leaves()], [true, false])
})
