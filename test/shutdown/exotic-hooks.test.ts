import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { type TestContext, test } from '../support/suite.ts'

async function odd(t: TestContext, way: string) {
  const app = await startApp(t, 'odd-hook', { args: [way], options: { terminationGracePeriodSeconds: 3 } })
  app.kill('SIGTERM')
  return app.exited
}

test('a hook that never yields, by microtasks without end, is ended by the watchdog, and the report names it', async (t) => {
  const { code, signal, report } = await odd(t, 'never yields')
  // Where main answers the debugger in time the process ends by itself, else by SIGKILL.
  assert.ok(code === 1 || signal === 'SIGKILL', `${code} ${signal}`)
  assert.equal([report.ended, report.outcome, report.hook('odd').outcome], ['blocked', 'unclean', 'running'])
  assert.is(report.hook('close').outcome, 'never ran')
})

test('process.exitCode that a hook sets in the middle is the code where all went well', async (t) => {
  const { code, stdout, report } = await odd(t, 'sets the code')
  assert.equal([code, report.exitCode, report.outcome, stdout.includes('close')], [5, 5, 'clean', true])
})

test('a hook that begins, for an error, goes on in the same shutdown, and the code tells the error', async (t) => {
  const { code, stdout, report } = await odd(t, 'begins for an error')
  assert.match(stdout, /so far in progress\n[\s\S]*close/)
  assert.equal(
    [code, report.reason.signal, report.errors.map(({ message }) => message), report.hook('odd').outcome],
    [1, 'SIGTERM', ['from a hook'], 'done'],
  )
})

test('a hook that registers a hook, a hundred deep: all run in their phase, before the next one', async (t) => {
  const { code, report } = await odd(t, 'registers without end')
  assert.equal([code, report.outcome, report.hooks.length], [0, 'clean', 102])
  assert.ok(report.hooks.every(({ outcome, late }) => outcome === 'done' && !late))
  assert.is(report.hooks.at(-1)?.name, 'close')
  assert.ok(Number(report.hook('close').startedMs) >= Number(report.hook('level 100').startedMs))
})

test('a hook that registers its own name again has failed, and the rest runs', async (t) => {
  const { code, stdout, report } = await odd(t, 'registers its own name')
  assert.equal([code, report.hook('odd').outcome, stdout.includes('close')], [1, 'failed', true])
  assert.match(report.hook('odd').error?.message ?? '', /"odd"/)
})

test('a hook that disposes of the shutdown that runs it changes nothing, and the next signal does not end it', async (t) => {
  const { code, stdout, report } = await odd(t, 'disposes')
  assert.equal([code, report.outcome, stdout.includes('close')], [0, 'clean', true])
})

test('a thousand jobs in flight are waited for, and make Node warn of no leak', async (t) => {
  const app = await startApp(t, 'thousand-jobs')
  app.kill('SIGTERM')
  const { code, stdout, stderr, report } = await app.exited
  assert.match(stdout, 'ended 1000, cutoff true')
  assert.equal([code, report.outcome, report.tracked], [0, 'clean', { finished: 1_000, undone: 0 }])
  assert.not.match(stderr, 'Warning')
})

test('of a thousand jobs those that outlast drain are given up by the cutoff, and counted', async (t) => {
  const app = await startApp(t, 'thousand-jobs', { args: ['half'], options: { terminationGracePeriodSeconds: 3 } })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, 'ended 1000, cutoff true')
  assert.equal([code, report.tracked], [143, { finished: 500, undone: 500 }])
  assert.match(report.verdict, '500 tracked tasks left undone')
})

for (const way of ['swallows', 'throws', 'rejects', 'is no stream']) {
  test(`a process.stdout.write and stderr.write that were replaced (${way}) cost neither hooks, report nor exit`, async (t) => {
    const app = await startApp(t, 'replaces-output', { args: [way] })
    app.kill('SIGTERM')
    const { code, stdout, stderr, report } = await app.exited
    assert.equal([report.hook('prints').outcome, report.ended], ['done', 'done'])
    // What the app's own console.log left unhandled is an error of the app's, once.
    assert.equal([code, report.errors.length], way === 'rejects' ? [1, 1] : [0, 0], stdout)
    if (way !== 'swallows') assert.match(stderr, `lastcall: ${report.verdict}; `)
  })
}

test('a report file with a relative path is the one that it was at the start, wherever a hook goes', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'lastcall-cwd-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const app = await startApp(t, 'odd-hook', { cwd, args: ['goes elsewhere'], options: { reportFile: 'report.json' } })
  app.kill('SIGTERM')
  await app.exited
  assert.is(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')).ended, 'done')
})
