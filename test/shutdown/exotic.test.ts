import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'

test(
  'ten thousand hooks run, in order, within the deadline',
  async (t) => {
    const app = await startApp(t, 'ten-thousand-hooks')
    app.kill('SIGTERM')
    const { code, stdout, stderr, report } = await app.exited
    assert.match(stdout, 'ran 10000')
    assert.equal([code, report.outcome, report.hooks.length], [0, 'clean', 10_001])
    assert.not.match(stderr, 'Warning')
    const startedMs = new Map(report.hooks.map((hook) => [hook.name, hook.startedMs ?? -1]))
    assert.ok((startedMs.get('hook 9999') as number) >= (startedMs.get('hook 8999') as number))
  },
  { limitMs: 60_000 },
)

test('a hook may throw anything: each has failed, and the others ran', async (t) => {
  const app = await startApp(t, 'throws-odd-things')
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome, report.hooks.length], [1, 'unclean', 7])
  assert.equal(new Set(report.hooks.map(({ outcome }) => outcome)), new Set(['failed']))
})

test('a clock that is set back by an hour in the middle changes no limit', async (t) => {
  const app = await startApp(t, 'turns-back-the-clock', { options: { terminationGracePeriodSeconds: 2 } })
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.hook('hangs').outcome, report.hook('waits').outcome], [1, 'timed out', 'done'])
  assert.ok(report.durationMs >= 0 && report.durationMs < 2_000, `${report.durationMs} ms`)
  assert.ok(Number(report.hook('hangs').durationMs) >= 0)
})

test('with stdout closed all is as ever', async (t) => {
  const app = await startApp(t, 'slow-hook', { args: ['10'] })
  app.process.stdout?.destroy()
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.equal([code, report.outcome], [0, 'clean'])
})

test(
  'a disk that has become full costs the new report, not the one that is there, and is said',
  async (t) => {
    const disk = mkdtempSync(join(tmpdir(), 'lastcall-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk])
    t.after(() => {
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    })
    const reportFile = join(disk, 'report.json')
    const app = await startApp(t, 'slow-hook', { args: ['10'], options: { reportFile } })
    writeFileSync(reportFile, '{"outcome":"unclean"}')
    try {
      writeFileSync(join(disk, 'fills it'), Buffer.alloc(100_000))
    } catch {
      // That is the point.
    }
    app.kill('SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 0)
    assert.match(stderr, /report\.json.*ENOSPC|ENOSPC.*report\.json/)
    assert.is(readFileSync(reportFile, 'utf8'), '{"outcome":"unclean"}')
  },
  { skip: can.root() },
)

test(
  'on a read-only root the shutdown is clean, and says that the report could not be written',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lastcall-ro-'))
    t.after(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'mount'))
    const reportFile = join(folder, 'mount', 'report.json')
    const app = await startApp(t, 'slow-hook', { args: ['10'], options: { reportFile } })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', join(folder, 'mount')])
    t.after(() => execFileSync('umount', [join(folder, 'mount')]))
    app.kill('SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 0)
    assert.match(stderr, 'EROFS')
    assert.not.ok(existsSync(reportFile))
  },
  { skip: can.root() },
)

test('an error of another realm, as of a test file in Jest, begins a shutdown by an error', async (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  const report = await shutdown.begin(runInNewContext("new TypeError('from afar')"))
  assert.equal([report.reason.kind, report.errors[0]?.message], ['error', 'from afar'])
})
