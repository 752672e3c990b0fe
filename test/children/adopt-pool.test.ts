import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

for (const name of ['piscina', 'tinypool']) {
  test(`a ${name} pool ends when the tasks that run and wait are done`, async (t) => {
    const app = await startApp(t, 'adopts-pool', { args: [name, '300'] })
    app.kill('SIGTERM')
    const { code, stdout, report } = await app.exited
    assert.match(stdout, /task 1 is done\n[\s\S]*task 2 is done/)
    assert.equal([code, report.tracked, report.outcome], [0, { finished: 2, undone: 0 }, 'clean'], report.verdict)
  })

  test(`what a ${name} pool has not done at its limit is lost, and counted`, async (t) => {
    const app = await startApp(t, 'adopts-pool', { args: [name, '30000', '{"stopTimeoutMs":300}'] })
    app.kill('SIGTERM')
    const { code, stdout, report } = await app.exited
    assert.match(stdout, /task \d is lost\n[\s\S]*task \d is lost/)
    assert.equal([code, report.tracked.undone], [143, 2], report.verdict)
  })
}
