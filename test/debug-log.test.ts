import * as assert from 'uvu/assert'
import { startApp } from './support/app.ts'
import { test } from './support/suite.ts'

test('with DEBUG every step of a shutdown is said, in its order, up to the last one before the exit', async (t) => {
  const app = await startApp(t, 'fails-in-hook', { env: { DEBUG: 'lastcall:shutdown' } })
  app.kill('SIGTERM')
  const { stderr } = await app.exited
  const said = stderr.split('\n').flatMap((line) => line.match(/lastcall:shutdown (.*)/)?.[1] ?? [])
  assert.equal(
    said.map((line) => line.replace(/\d+ ms left/, 'N ms left')),
    [
      'SIGTERM came: began',
      'began by SIGTERM, N ms left',
      'hook bad (close): running, N ms left',
      'hook bad (close): failed, N ms left',
      'hook good (close): running, N ms left',
      'hook good (close): done, N ms left',
    ],
  )
})

test('without DEBUG, and with another package’s, nothing is said but the report line', async (t) => {
  for (const env of [{}, { DEBUG: 'express:*' }]) {
    const app = await startApp(t, 'slow-hook', { args: ['20'], env })
    app.kill('SIGTERM')
    const { stderr } = await app.exited
    assert.match(stderr, /^lastcall: clean: [^\n]*\n$/)
  }
})
