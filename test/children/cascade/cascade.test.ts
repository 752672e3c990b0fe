import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { SuperviseOptions } from '../../../lib/children/plan/child-options.ts'
import { writeRecords } from '../../../lib/clock/deadline-record.ts'
import type { Report } from '../../../lib/report/report.ts'
import { type App, type AppOptions, startApp } from '../../support/app.ts'
import { commandLine, environment, kill, type Process, tree } from '../../support/processes.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const node = (app: string, ...args: string[]): string[] => [
  process.execPath,
  fileURLToPath(new URL(`../../apps/${app}.js`, import.meta.url)),
  ...args,
]

interface Family {
  readonly app: App
  /** The report of the child, once it is there and not in progress. */
  childReport(): Promise<Report>
}

/** A service and one child, a lastcall with a report of its own. */
async function startFamily(
  t: TestContext,
  command: readonly string[],
  options: SuperviseOptions = {},
  app: AppOptions = {},
): Promise<Family> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-family-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'child.json')
  const env = { PATH: process.env.PATH, LASTCALL_TEST_REPORT: file, FOLDER: folder }
  const children = [['child', command, { ready: { line: 'ready' }, env, ...options }]]
  const started = await startApp(t, 'supervises', {
    ...app,
    env: { LASTCALL_TEST_CHILDREN: JSON.stringify(children) },
  })
  await started.says('child was ready')
  return { app: started, childReport: () => finished(file) }
}

function finished(file: string): Promise<Report> {
  return until(
    `${file} is finished`,
    () => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined),
    (report) => report !== undefined && report.ended !== 'in progress',
  ) as Promise<Report>
}

const five = { options: { terminationGracePeriodSeconds: 5 } }

test('a direct child begins with what its parent says; the signal after it is an echo, and the exit code 0', async (t) => {
  const { app, childReport } = await startFamily(t, node('slow-hook', '100'), {}, five)
  app.kill('SIGTERM')
  const { code, report } = await app.exited
  const child = await childReport()
  assert.equal([code, report.children[0]?.code], [0, 0])
  assert.equal([child.outcome, child.reason, child.exitCode], ['clean', { kind: 'parent' }, 0])
  assert.equal(
    child.signals.map(({ signal, effect }) => [signal, effect]),
    [['SIGTERM', 'echo']],
  )
  assert.match(child.verdict, 'clean: the parent, done in')
})

test('below a shell the parent sets the deadline, and the signal begins', async (t) => {
  const script = ['bash', '-c', '"$@"; exit $?', 'start.sh', ...node('slow-hook', '100')]
  const { app, childReport } = await startFamily(t, script, {}, five)
  app.kill('SIGTERM')
  await app.exited
  const { reason, clock, signals } = await childReport()
  assert.equal([reason, clock.source], [{ kind: 'signal', signal: 'SIGTERM' }, 'parent'])
  assert.equal(
    signals.map(({ effect }) => effect),
    ['began'],
  )
})

test('a child finds its stop time in the environment, and no descriptor of the level above', async (t) => {
  const { app } = await startFamily(t, node('slow-hook'), { stopTimeoutMs: 2_500 }, five)
  const child = tree(app.pid).find((one) => commandLine(one.pid).includes('slow-hook')) as Process
  const { TERMINATION_GRACE_PERIOD_SECONDS: seconds, LASTCALL_FD: place = '' } = environment(child.pid)
  assert.equal([seconds, /^3:\d+$/.test(place)], ['2', true])
})

test('a child that stops already has less time once its parent stops it, and the signal forces nothing', async (t) => {
  const options = JSON.stringify({ secondSignal: 'force' })
  const { app, childReport } = await startFamily(t, node('begun-already', options), { stopTimeoutMs: 1_500 })
  assert.match(app.stdout, 'ready with 19 s')
  // By now any other signal would force it.
  await app.says('has 17 s')
  app.kill('SIGTERM')
  const { stdout, report } = await app.exited
  assert.match(stdout, 'has 0 s')
  const child = await childReport()
  assert.equal([child.reason.kind, child.clock.source, child.ended], ['call', 'parent', 'done'])
  assert.equal([child.hooks[0]?.outcome, child.signals[0]?.effect], ['timed out', 'echo'])
  assert.is(report.children[0]?.killed, 0, 'it ended by itself')
})

test('what a child supervises is told by the child alone, also when the time of the parent runs short', async (t) => {
  const inner = JSON.stringify([['inner', node('slow-hook', '60000'), { ready: { line: 'ready' } }]])
  const env = { PATH: process.env.PATH, LASTCALL_TEST_CHILDREN: inner }
  const { app } = await startFamily(t, node('supervises'), {
    env,
    ready: { line: 'inner was ready' },
    stopTimeoutMs: 3_000,
  })
  app.kill('SIGTERM')
  const { stderr, stdout, report } = await app.exited
  // Time runs short after 2.25 s, and on a machine with time to spare the hook has a little more.
  assert.match(stdout + stderr, /hook slow \(close\) timed out after 2/)
  assert.equal([report.children[0]?.told.length, report.children[0]?.killed], [1, 0])
})

test('several descendants share the descriptor, and each learns the same deadline', async (t) => {
  const count = 8
  const one = node('slow-hook', '10')
  const script = `for i in $(seq ${count}); do LASTCALL_TEST_REPORT=$FOLDER/$i.json "$@" & done; wait; exit 0`
  const { app } = await startFamily(t, ['bash', '-c', script, 'start.sh', ...one], { ready: 'spawn' }, five)
  const all = await until(
    'all of them are ready',
    () => app.stdout.match(/child \| ready/g)?.length,
    (ready) => ready === count,
  )
  const folder = environment((tree(app.pid).find((p) => p.comm === 'bash') as Process).pid).FOLDER as string
  app.kill('SIGTERM')
  const files = Array.from({ length: all ?? 0 }, (_, i) => join(folder, `${i + 1}.json`))
  const reports = await Promise.all(files.map(finished))
  await app.exited
  assert.equal(new Set(reports.map(({ clock }) => clock.source)), new Set(['parent']))
  const killAt = reports.map(
    ({ startedAt, clock }) => Date.parse(startedAt) + clock.terminationGracePeriodSeconds * 1000,
  )
  assert.ok(Math.max(...killAt) - Math.min(...killAt) < 100, `${killAt}`)
})

test('a descriptor whose inode is another is left alone', async (t) => {
  const app = await startApp(t, 'slow-hook', {
    args: ['10'],
    env: { LASTCALL_FD: '3:1' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const pipe = app.process.stdio[3] as Socket
  // It ends without having read.
  pipe.on('error', () => {})
  pipe.write(writeRecords({ deadlineNs: process.hrtime.bigint() + 1_000_000_000n, pid: process.pid }))
  pipe.end()
  app.kill('SIGTERM')
  const { report } = await app.exited
  assert.equal([report.reason.kind, report.clock.source], ['signal', 'default'])
})

test('a program between that is no lastcall and uses the same number for something else misleads nobody', async (t) => {
  const { app, childReport } = await startFamily(t, [...node('starts-another'), ...node('slow-hook', '10').slice(1)], {
    stopTimeoutMs: 3_500,
  })
  app.kill('SIGTERM')
  await app.exited
  const { reason, clock } = await childReport()
  assert.equal([reason.kind, clock.source], ['signal', 'TERMINATION_GRACE_PERIOD_SECONDS'])
  assert.is(clock.terminationGracePeriodSeconds, 3)
})

test('a parent that is killed is learned of below a shell, too, and the orphan stops by itself', async (t) => {
  const script = ['bash', '-c', '"$@"; exit $?', 'start.sh', ...node('slow-hook', '100')]
  const { app, childReport } = await startFamily(t, script, {}, { options: { guard: false } })
  app.kill('SIGKILL')
  await app.exited
  const { outcome, reason, clock } = await childReport()
  assert.equal([outcome, reason], ['clean', { kind: 'parent', message: 'the end of the parent' }])
  assert.is(clock.source, 'TERMINATION_GRACE_PERIOD_SECONDS')
})

test('neither the guard nor another child holds the line open', async (t) => {
  const { app, childReport } = await startFamily(t, node('slow-hook', '10'))
  const guard = await until('the guard is there', () =>
    tree(app.pid).find((one) => commandLine(one.pid).startsWith('lastcall guard')),
  )
  t.after(() => kill([guard as Process]))
  // It must not kill the child before that has written its report.
  process.kill((guard as Process).pid, 'SIGSTOP')
  app.kill('SIGKILL')
  await app.exited
  assert.equal((await childReport()).reason, { kind: 'parent', message: 'the end of the parent' })
})

test('twenty restarts, and starts that fail, leave no descriptor open', async (t) => {
  const app = await startApp(t, 'restarts')
  const open = [...app.stdout.matchAll(/open after \d+: (\d+)/g)].map((match) => Number(match[1]))
  const [first = 0, ...later] = open
  // A few more or less are pipes of the guard or of the last child on its way; a leak would be one for each start.
  assert.ok(later.length === 2 && later.every((count) => count < first + 10), `${open}`)
  assert.match(app.stdout, 'child "fails" was never ready')
})
