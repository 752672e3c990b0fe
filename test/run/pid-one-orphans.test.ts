import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Report } from '../../lib/report/report.ts'
import { asPid1 } from '../process-tree/real-trees/surroundings.ts'
import { type Exited, startProgram } from '../support/app.ts'
import { children, type Process, tree, zombies } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { cliIn, INITS, withoutKoffi } from './pid-one-cli.ts'
import { jsonReport } from './run-cli.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const { prefix, missing } = asPid1
const limitMs = 60_000

/** Starts the program as PID 1, once 200 orphans have ended beneath it and 100 exits of its own were right. */
async function start(t: TestContext, command: readonly string[], folder = repository) {
  const app = await startProgram(t, [...prefix, process.execPath, ...command], {
    ready: 'ready: 100 own exits',
    cwd: folder,
  })
  const [first] = children(app.pid) as [Process]
  return { app, first }
}

/** `lastcall run` with an app that makes the orphans. */
function startRun(t: TestContext, init: string, folder = repository) {
  const app = [process.execPath, join(folder, 'test/apps/makes-orphans.js')]
  return start(t, [cliIn(folder), 'run', '--json', '--init', init, '--', ...app], folder)
}

function stop(first: Process, app: { exited: Promise<Exited> }): Promise<Exited> {
  process.kill(first.pid, 'SIGTERM')
  return app.exited
}

function noZombies(first: Process): Promise<unknown> {
  return until(
    'no zombie is left',
    () => tree(first.pid).flatMap((p) => zombies(p.pid)),
    (left) => left.length === 0,
  )
}

for (const { name, skip } of INITS) {
  test(
    `${name} reaps 200 orphans, and loses no exit of the command's own children`,
    async (t) => {
      const { app, first } = await startRun(t, name)
      await noZombies(first)
      const ended = await stop(first, app)
      assert.equal([ended.code, jsonReport(ended).orphans], [143, { reapedBy: name }])
    },
    { skip: skip || missing, limitMs },
  )
}

test(
  'without an init run reaps 200 orphans through koffi, and keeps the code of its command',
  async (t) => {
    const { app, first } = await startRun(t, 'none')
    await noZombies(first)
    const ended = await stop(first, app)
    assert.equal([ended.code, jsonReport(ended).orphans], [143, { reapedBy: 'koffi', reaped: 200, zombies: 0 }])
  },
  { skip: missing, limitMs },
)

test(
  'an app that is PID 1 itself reaps 200 orphans through koffi, and loses no exit of its own 100 children',
  async (t) => {
    const { app, first } = await start(t, ['test/apps/orphans-under-app.js'])
    await noZombies(first)
    const { code, report, stderr } = await stop(first, app)
    assert.equal([code, report.orphans], [0, { reapedBy: 'koffi', reaped: 200, zombies: 0 }])
    assert.not.match(stderr, 'orphaned')
  },
  { skip: missing, limitMs },
)

for (const [who, command] of [
  ['run', [cliIn('.'), 'run', '--json', '--init', 'none', '--', process.execPath, 'test/apps/makes-orphans.js']],
  ['an app', ['test/apps/orphans-under-app.js']],
] as const) {
  test(
    `${who} that can reap nobody counts the zombies, and names the cure once`,
    async (t) => {
      const { app, first } = await start(t, command, withoutKoffi(t))
      await app.says(/200 orphaned processes ended/)
      const ended = await stop(first, app)
      const { outcome, orphans }: Report = who === 'run' ? jsonReport(ended) : ended.report
      assert.equal([outcome, orphans], ['clean', { reapedBy: 'nobody', reaped: 0, zombies: 200 }])
      assert.equal(ended.stderr.match(/ENTRYPOINT \["tini", "--", …\]/g)?.length, 1)
    },
    { skip: missing, limitMs },
  )
}

test(
  'nobody is warned of who is soon reaped, and a process that is not PID 1 has no orphans in its report',
  async (t) => {
    const app = await startProgram(t, [process.execPath, 'test/apps/orphans-under-app.js'], { ready: 'ready: 100 own' })
    app.kill('SIGTERM')
    const { report, stderr } = await app.exited
    assert.equal([report.orphans, /orphaned/.test(stderr)], [undefined, false])
  },
  { limitMs },
)
