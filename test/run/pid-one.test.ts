import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { asNobody, asNobodyPid1, asPid1, inDocker, type Surroundings } from '../process-tree/real-trees/surroundings.ts'
import { type App, startProgram } from '../support/app.ts'
import { alive, children, kill, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, saysSignals, theRun } from './run-cli.ts'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const server = saysSignals(3).join(' ')

interface Running {
  readonly app: App
  /** run itself, as seen from outside of its namespace. */
  readonly run: Process
  /** The first of its namespace: run's init, or run itself. */
  readonly first: Process
}

/** Starts `lastcall run OPTIONS -- COMMAND`, once the server in it is ready. */
async function start(
  t: TestContext,
  { prefix }: Surroundings,
  command: string,
  options: readonly string[] = [],
  before = '',
): Promise<Running> {
  const run = [process.execPath, cli, 'run', '--json', ...options, '--', 'bash', '-c', command]
  const shell = before ? ['sh', '-c', `${before} exec "$@"`, 'sh'] : []
  const app = await startProgram(t, [...prefix, ...shell, ...run])
  const found = await theRun(app)
  t.after(() => kill([found.first]))
  return { app, ...found }
}

for (const surroundings of [asPid1, inDocker, asNobodyPid1, asNobody]) {
  const { name, missing: skip } = surroundings

  test(
    `${name}: the server under a start script that swallows SIGTERM cleans up, and all are gone`,
    async (t) => {
      const { app, run, first } = await start(t, surroundings, `echo starting; ${server}; exit $?`)
      const all = tree(run.pid)
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.is(ended.code, 3, ended.stderr)
      assert.match(ended.stdout, /^starting\nready .*\ngot SIGTERM\ncleaning up\ncleaned up\n$/)
      assert.equal(all.filter(alive), [])
      assert.is(jsonReport(ended).outcome, 'clean')
    },
    { skip },
  )

  test(
    `${name}: who ignores SIGTERM is killed at the deadline`,
    async (t) => {
      const { app, run, first } = await start(t, surroundings, 'trap "" TERM; echo ready; sleep 3000; true', [
        '--grace',
        '2',
      ])
      const all = tree(run.pid)
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.is(ended.code, 137, ended.stderr)
      assert.equal([all.filter(alive), jsonReport(ended).survivors], [[], []])
    },
    { skip },
  )
}

for (const surroundings of [asPid1, asNobodyPid1]) {
  const { name, missing: skip } = surroundings
  const hidden = `(env -i /usr/bin/setsid ${server.replace(/^\S+/, process.execPath)} &)`

  test(
    `${name}: a daemon that hid at its start is found, since PID 1 gets its orphans, and cleans up`,
    async (t) => {
      const { app, run, first } = await start(t, surroundings, `${hidden}; read -r line < <(sleep 3000)`)
      const daemon = await until('it is an orphan', () =>
        children(first.pid).find((p) => p.pid !== run.pid && p.comm !== 'bash'),
      )
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.match(ended.stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
      assert.equal([alive(daemon as Process), jsonReport(ended).outcome], [false, 'clean'], ended.stderr)
    },
    { skip },
  )

  test(
    `${name}: what was started before run is stopped with it`,
    async (t) => {
      const { app, first } = await start(t, surroundings, 'read -r line < <(sleep 3000)', [], `${server} &`)
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.match(ended.stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
      assert.is(jsonReport(ended).outcome, 'clean')
    },
    { skip },
  )

  test(
    `${name}: when the command ends, its daemons are stopped, and its code is kept`,
    async (t) => {
      const { app } = await start(t, surroundings, `${hidden}; sleep 1; exit 8`)
      const ended = await app.exited
      assert.is(ended.code, 8)
      assert.match(ended.stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
    },
    { skip },
  )

  test(
    `${name}: zombies that came to PID 1 are nobody to wait for`,
    async (t) => {
      const orphans = 'for i in 1 2 3; do (true &); done'
      const { app, first } = await start(t, surroundings, `${orphans}; ${server}`, ['--init', 'none'])
      await until('there are zombies', () => children(first.pid).some((p) => p.state === 'Z'))
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      const { outcome, survivors } = jsonReport(ended)
      assert.equal([ended.code, outcome, survivors], [3, 'clean', []])
    },
    { skip },
  )
}
