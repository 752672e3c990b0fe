import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

for (const [title, stdio] of [
  ['', undefined],
  [' by IPC, too', ['ignore', 'pipe', 'pipe', 'ipc']],
] as const) {
  test(`what is disposed of, or over, leaves no listener, handle or descriptor${title}`, async (t) => {
    const app = await startApp(t, 'counts-what-is-left', stdio ? { stdio: [...stdio] } : {})
    const [before, ...later] = JSON.parse(app.stdout.split('\n').find((line) => line.startsWith('[')) ?? '')
    for (const held of later) assert.equal(held, before)
    assert.is((await app.exited).code, 0)
  })
}
