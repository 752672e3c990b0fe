import process from 'node:process'
import * as assert from 'uvu/assert'
import { asPid1 } from '../process-tree/real-trees/surroundings.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, children, kill, type Process, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { cliIn } from './pid-one-cli.ts'
import { jsonReport, theRun } from './run-cli.ts'

const { prefix, missing } = asPid1
const run = [process.execPath, cliIn(), 'run', '--json', '--grace', '2', '--']
const deaf = ['sh', '-c', 'trap "" TERM; echo ready; sleep 3000; true']

test(
  'where another program is PID 1, the last kill ends the command, and leaves everybody else alone',
  async (t) => {
    // As in a pod with shareProcessNamespace: PID 1 is nobody's, and a neighbour runs beside us.
    const app = await startProgram(t, [
      ...prefix,
      'sh',
      '-c',
      'sleep 2000 & "$@"; echo "ended $?"; wait',
      'sh',
      ...run,
      ...deaf,
    ])
    const found = await theRun(app)
    const [first] = children(app.pid) as [Process]
    t.after(() => kill([first]))
    const neighbour = (await until('the neighbour runs', () =>
      children(first.pid).find((p) => p.comm === 'sleep'),
    )) as Process
    process.kill(found.run.pid, 'SIGTERM')
    await app.says('ended 137')
    assert.ok(alive(neighbour), 'the neighbour lives')
    assert.ok(alive(first), 'PID 1 lives')
  },
  { skip: missing },
)

test(
  'a mark in the environment does not make the namespace ours',
  async (t) => {
    const forge = 'read -r a b c d e f g h i j k l m n o p q r s t u start rest </proc/1/stat'
    const script = `sleep 2000 & ${forge}; export LASTCALL_INIT=sh:$start; env "$@"; echo "ended $?"; wait`
    // env is our parent, and not PID 1.
    const app = await startProgram(t, [
      ...prefix,
      'sh',
      '-c',
      script,
      'sh',
      'sh',
      '-c',
      '"$@"; exit $?',
      'sh',
      ...run,
      ...deaf,
    ])
    const { run: found } = await theRun(app)
    const [first] = children(app.pid) as [Process]
    t.after(() => kill([first]))
    const neighbour = children(first.pid).find((p) => p.comm === 'sleep') as Process
    process.kill(found.pid, 'SIGTERM')
    await app.says('ended 137')
    assert.ok(alive(neighbour), 'the neighbour lives')
  },
  { skip: missing },
)

for (const init of ['auto', 'none']) {
  test(
    `in a namespace of its own (--init ${init}) everybody goes at the deadline, also who forks all the time`,
    async (t) => {
      const forks = 'trap "" TERM; echo ready; while :; do (trap "" TERM; sleep 0.02 & wait) & sleep 0.01; done'
      const options = ['run', '--json', '--init', init, '--grace', '2', '--']
      const app = await startProgram(t, [...prefix, process.execPath, cliIn(), ...options, 'bash', '-c', forks])
      const { first } = await theRun(app)
      const all = tree(first.pid)
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      const { survivors, children: commands } = jsonReport(ended)
      assert.equal([ended.code, survivors, all.filter(alive)], [137, [], []], ended.stderr)
      assert.ok((commands[0]?.killed ?? 0) > 0)
    },
    { skip: missing || can.program('bash') },
  )
}
