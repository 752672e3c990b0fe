import process from 'node:process'
import * as assert from 'uvu/assert'
import { asNobodyPid1, asPid1, inDocker } from '../process-tree/real-trees/surroundings.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, children, kill, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, saysSignals, theRun } from './run-cli.ts'
import { CLI, folder } from './several-cli.ts'

const server = saysSignals().join(' ')

/** `lastcall run` as PID 1 with these commands; resolves when each server says that it is ready. */
async function start(
  t: TestContext,
  prefix: readonly string[],
  commands: readonly string[],
  args: readonly string[] = [],
) {
  const run = [process.execPath, CLI, 'run', '--json', ...args, ...commands]
  const app = await startProgram(t, [...prefix, ...run], { ready: /\| ready/ })
  const found = await theRun(app)
  t.after(() => kill([found.first]))
  return { app, ...found }
}

for (const { name, prefix, missing: skip } of [asPid1, inDocker, asNobodyPid1]) {
  test(
    `${name}: several commands clean up on SIGTERM, beneath start scripts too, and all are gone`,
    async (t) => {
      const { app, run, first } = await start(t, prefix, [`web=echo starting; ${server}; exit $?`, `worker=${server}`])
      await app.says(/web +\| ready[\s\S]*worker +\| ready|worker +\| ready[\s\S]*web +\| ready/)
      const all = tree(run.pid)
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.is(ended.code, 0, ended.stderr)
      assert.equal([...ended.stdout.matchAll(/\| cleaned up$/gm)].length, 2)
      assert.equal([all.filter(alive), jsonReport(ended).outcome], [[], 'clean'])
    },
    { skip },
  )

  test(
    `${name}: a daemon that hid at its start is found, since PID 1 gets its orphans, and cleans up`,
    async (t) => {
      const hidden = `(env -i /usr/bin/setsid ${server} &)`
      const { app, run, first } = await start(t, prefix, [`a=${hidden}; sleep 3000`])
      const daemon = await until('it is an orphan', () =>
        children(first.pid).find((p) => p.pid !== run.pid && !/^(sh|dash|bash|lastcall guard)$/.test(p.comm)),
      )
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.match(ended.stdout, /a \| got SIGTERM\na \| cleaning up\na \| cleaned up\n/)
      assert.equal([alive(daemon as Process), jsonReport(ended).outcome, ended.code], [false, 'clean', 0], ended.stderr)
    },
    { skip },
  )
}

test(
  `${asPid1.name}: a signal while the commands are being checked is not lost`,
  async (t) => {
    const text = `export default { commands: { a: { command: 'sleep 3000', get ready() {
  process.kill(process.pid, 'SIGTERM')
  return 'spawn'
} } } }`
    const cwd = folder(t, { 'lastcall.config.mjs': text })
    const app = await startProgram(t, [...asPid1.prefix, process.execPath, CLI, 'run'], { ready: false, cwd })
    const { code, stderr } = await app.exited
    assert.is(code, 0, stderr)
    assert.match(stderr, 'stopping: SIGTERM')
  },
  { skip: asPid1.missing },
)

test(
  `${asPid1.name}: who is left behind and may not be signalled is said to be that, and not to outlive SIGKILL`,
  async (t) => {
    const first = ['sh', '-c', 'sleep 3000 & exec setpriv --reuid 65534 --clear-groups "$@"', 'sh']
    const run = [process.execPath, CLI, 'run', '--json', '--grace', '3', 'a=true']
    const app = await startProgram(t, [...asPid1.prefix, ...first, ...run], { ready: false, cwd: '/' })
    const { survivors } = jsonReport(await app.exited)
    assert.equal(
      survivors.map(({ name, why }) => [name, why]),
      [['sleep', 'no right to signal it']],
    )
  },
  { skip: asPid1.missing || can.root() || can.program('setpriv') },
)

test(
  `${asPid1.name}: a signal while the configuration is still being made ends run`,
  async (t) => {
    const text = "export default () => new Promise(() => { console.log('being made'); setInterval(() => {}, 1000) })"
    const cwd = folder(t, { 'lastcall.config.mjs': text })
    const app = await startProgram(t, [...asPid1.prefix, process.execPath, CLI, 'run'], { ready: 'being made', cwd })
    const run = tree(app.pid).at(-1) as Process
    process.kill(run.pid, 'SIGTERM')
    const { code } = await app.exited
    assert.is(code, 143)
  },
  { skip: asPid1.missing },
)
