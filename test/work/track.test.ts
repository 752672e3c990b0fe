import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

test('a tracked function whose failure nobody handles is as unhandled as ever, once', async (t) => {
  const app = await startApp(t, 'fails-unawaited', { args: ['function'] })
  app.kill('SIGTERM')
  const { stdout } = await app.exited
  assert.equal(stdout.match(/unhandled no/g)?.length, 1)
})

test('a tracked promise whose failure is handled where it was made ends nothing', async (t) => {
  const app = await startApp(t, 'fails-unawaited', { args: ['promise', 'caught'] })
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.equal([code, stdout.match(/caught no/g)?.length, stdout.includes('unhandled')], [0, 1, false])
})

test('what is only run when somebody asks for it, as a query builder, runs once', async (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  let runs = 0
  const query: PromiseLike<string> = {
    // biome-ignore lint/suspicious/noThenProperty: that is what a query builder has
    then: (...handlers) => Promise.resolve(`rows ${++runs}`).then(...handlers),
  }
  assert.is(await shutdown.track(query), 'rows 1')
  const report = await shutdown.begin('test')
  assert.equal([runs, report.tracked], [1, { finished: 1, undone: 0 }])
})
