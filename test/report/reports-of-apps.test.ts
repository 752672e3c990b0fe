import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as assert from 'uvu/assert'
import type { Report } from '../../lib/report/report.ts'
import { type AppOptions, startApp } from '../support/app.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { sampleReport } from './sample-report.ts'

const schema = JSON.parse(readFileSync(new URL('../../dist/report.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': isDate } }).compile(
  schema,
)

function isDate(text: string): boolean {
  return new Date(text).toISOString() === text
}

function assertValid(report: unknown): void {
  // Without the functions that tests read a report with.
  validate(JSON.parse(JSON.stringify(report)))
  assert.equal(validate.errors ?? [], [])
}

const shutdowns: readonly {
  title: string
  app: string
  options?: AppOptions
  signals: NodeJS.Signals[]
  verdict: RegExp
}[] = [
  {
    title: 'a clean one',
    app: 'slow-hook',
    options: { args: ['20'] },
    signals: ['SIGTERM'],
    verdict: /^clean: SIGTERM, done in/,
  },
  {
    title: 'one with a hook that hangs',
    app: 'hung-hook',
    options: { args: ['close'], options: { terminationGracePeriodSeconds: 2 } },
    signals: ['SIGTERM'],
    verdict: /^unclean: hook hung close \(close\) timed out after 1\.\d s$/,
  },
  {
    title: 'one with a hook that throws',
    app: 'fails-in-hook',
    signals: ['SIGTERM'],
    verdict: /^unclean: hook bad \(close\) failed: the pool was gone$/,
  },
  { title: 'one that an error began', app: 'throws', signals: ['SIGUSR2'], verdict: /^unclean: uncaught error: boom$/ },
  {
    title: 'one that somebody else ended by process.exit',
    app: 'exits-in-hook',
    signals: ['SIGTERM'],
    verdict:
      /^unclean: process\.exit\(0\) was called after .* by .*exits-in-hook\.js:6:\d+\)?; hook impatient \(drain\) was still running/,
  },
  {
    title: 'one with work that was left undone',
    app: 'tracks-work',
    options: { args: ['endless'], options: { terminationGracePeriodSeconds: 2 } },
    signals: ['SIGTERM'],
    verdict: /^unclean: 1 tracked task left undone$/,
  },
  {
    title: 'one that an empty event loop began',
    app: 'ends-by-itself',
    signals: [],
    verdict: /^clean: an empty event loop, done/,
  },
  { title: 'one with late hooks', app: 'registers-late', signals: ['SIGTERM'], verdict: /^clean: SIGTERM/ },
]

for (const { title, app: name, options, signals, verdict } of shutdowns) {
  test(`the report fits the published schema, and its verdict the facts: ${title}`, async (t) => {
    const app = await startApp(t, name, options)
    for (const signal of signals) app.kill(signal)
    const { code, report, stderr } = await app.exited
    assertValid(report)
    assert.match(report.verdict, verdict)
    assert.is(report.exitCode, code)
    assert.is(stderr.split('\n').filter((line) => line.startsWith(`lastcall: ${report.verdict}; `)).length, 1, stderr)
  })
}

test('a crash in the middle leaves a report in progress, never the old clean one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const reportFile = join(folder, 'report.json')
  const read = (): Report => JSON.parse(readFileSync(reportFile, 'utf8')) as Report
  writeFileSync(reportFile, JSON.stringify(sampleReport()))
  const app = await startApp(t, 'hung-hook', { args: ['close'], options: { reportFile } })
  assert.is(read().outcome, 'clean')
  app.kill('SIGTERM')
  await until('the begin is reported', read, ({ ended }) => ended === 'in progress')
  app.kill('SIGKILL')
  await app.exited
  const report = read()
  assertValid(report)
  assert.equal([report.outcome, report.ended, report.exitCode], ['unclean', 'in progress', null])
  assert.is(report.verdict, 'unclean so far: SIGTERM began the shutdown, and it has not ended')
})

test('the logger gets the line and the report instead of stderr, the diagnostics channel the report, each once', async (t) => {
  const app = await startApp(t, 'reads-reports')
  app.kill('SIGTERM')
  const { code, stdout, stderr } = await app.exited
  assert.is(code, 0)
  assert.is(stdout.match(/^logged: lastcall: clean: SIGTERM, .*exit code 0 \[done\]$/gm)?.length, 1, stdout)
  assert.is(stdout.match(/^published: clean: SIGTERM, .* \[done\]$/gm)?.length, 1, stdout)
  assert.is(stderr, '')
})

test('a logger that throws costs neither the verdict nor the exit code, and is named', async (t) => {
  const app = await startApp(t, 'reads-reports', { args: ['bad'] })
  app.kill('SIGTERM')
  const { code, report, stderr, stdout } = await app.exited
  assert.equal([code, report.outcome], [0, 'clean'])
  assert.match(stderr, /lastcall: a reader of the report failed: the bad reader\nlastcall: clean: SIGTERM/)
  assert.match(stdout, /^published: /m)
})

test('an async reader that rejects is named, too', async (t) => {
  const app = await startApp(t, 'reads-reports', { args: ['async'] })
  app.kill('SIGTERM')
  const { code, stderr } = await app.exited
  assert.is(code, 0)
  assert.match(stderr, 'lastcall: a reader of the report failed: the async reader')
})

test('what still held the event loop at the end is named', async (t) => {
  const app = await startApp(t, 'holds-event-loop')
  const [, port, child] = (await app.says(/port \d+, child \d+/)).match(/port (\d+), child (\d+)/) ?? []
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  assert.is(code, 0)
  assertValid(report)
  assert.equal([...report.openHandles].sort(), [
    `child process ${child} (sleep)`,
    `server on 127.0.0.1:${port}`,
    'timer',
    'worker thread 1',
  ])
})

test('a report file that can no longer be written is said with its path, and the shutdown stays clean', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-'))
  const app = await startApp(t, 'slow-hook', { args: ['20'], options: { reportFile: join(folder, 'report.json') } })
  rmSync(folder, { recursive: true })
  app.kill('SIGTERM')
  const { code, stderr } = await app.exited
  assert.is(code, 0)
  assert.ok(stderr.includes(`lastcall: the report was not written to ${folder}/report.json: ENOENT`), stderr)
  assert.match(stderr, /^lastcall: clean: SIGTERM/m)
})
