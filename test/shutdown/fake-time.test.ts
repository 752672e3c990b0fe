import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'

for (const way of ['sinon', 'node:test', 'by hand']) {
  test(`with a clock that stands still (fake timers, ${way}) every limit and the deadline hold`, async (t) => {
    const app = await startApp(t, 'fakes-time', { args: [way], options: { terminationGracePeriodSeconds: 3 } })
    app.kill('SIGTERM')
    const { code, stdout, report } = await app.exited
    assert.match(stdout, 'left true')
    const outcomes = report.hooks.map(({ name, outcome }) => [name, outcome])
    assert.equal(outcomes, [
      ['hangs', 'timed out'],
      ['hangs, too', 'timed out'],
      ['flushes', 'done'],
    ])
    assert.equal([code, report.ended], [1, 'done'], report.verdict)
    assert.ok(report.durationMs > 1_000 && report.durationMs < 3_000, `${report.durationMs} ms`)
    assert.ok(Number(report.hook('hangs').durationMs) > 1_000)
  })

  test(`with a clock that stands still (fake timers, ${way}) a deaf child is killed in time`, async (t) => {
    const app = await startApp(t, 'fakes-time', { args: [way, 'child'] })
    app.kill('SIGTERM')
    const { code, report } = await app.exited
    assert.equal([code, report.ended, report.survivors], [1, 'done', []], report.verdict)
    assert.equal([report.children[0]?.name, (report.children[0]?.killed ?? 0) > 0], ['deaf', true])
    assert.ok(report.durationMs < 10_000, `${report.durationMs} ms`)
  })
}
