import * as assert from 'uvu/assert'
import * as programs from '../process-tree/programs.ts'
import { startCli, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, group } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'

const skip = can.linux() || can.program('perl')
const onlyNode = { PATH: '/nonexistent' }

async function lastcall(t: TestContext, ...args: (string | number)[]) {
  const cli = await startCli(t, args.map(String), { ready: false, env: onlyNode })
  return cli.exited
}

test(
  'a tree is stopped, and who was told is said',
  async (t) => {
    const app = await startProgram(t, programs.fan(2))
    const { code, stdout } = await lastcall(t, 'kill', app.pid)
    assert.match(stdout, new RegExp(`^told    ${app.pid} perl .*: SIGTERM after \\d+ ms$`, 'm'))
    assert.match(stdout, /^TERM: 3 ended by themselves, nobody is left, \d+ ms\n$/m)
    assert.equal([code, group(app.pid)], [0, []])
  },
  { skip },
)

test(
  '--grace ends with SIGKILL',
  async (t) => {
    const app = await startProgram(t, ['sh', '-c', 'trap "" TERM; echo ready; sleep 60; :'])
    const { code, stdout } = await lastcall(t, 'kill', '--grace', '0.3', app.pid)
    assert.match(stdout, /^TERM: 2 killed, nobody is left, \d+ ms\n$/)
    assert.is(code, 0)
  },
  { skip },
)

test(
  '--signal KILL asks nobody',
  async (t) => {
    const app = await startProgram(t, programs.fan(2))
    const { code, stdout } = await lastcall(t, 'kill', app.pid, '--signal=KILL')
    assert.match(stdout, /^KILL: 3 killed, nobody is left, \d+ ms\n$/)
    assert.is(code, 0)
  },
  { skip },
)

test(
  '--json prints the outcome',
  async (t) => {
    const app = await startProgram(t, programs.fan(1))
    const { stdout } = await lastcall(t, 'kill', app.pid, '--json')
    const { ended, killed, survivors } = JSON.parse(stdout)
    assert.equal([ended, killed, survivors], [2, 0, []])
  },
  { skip },
)

for (const [args, message] of [
  [['--grace', '5s'], '--grace takes a number of seconds, 0 or more, got "5s". Write 10. See: lastcall kill --help'],
  [['--grase', '5'], 'there is no option --grase. Did you mean --grace? See: lastcall kill --help'],
  [
    ['--signal', 'TERMI'],
    '--signal takes the name of a signal, got "TERMI". Did you mean TERM? See: lastcall kill --help',
  ],
] as const) {
  test(
    `${args.join(' ')} is refused, and nobody signalled`,
    async (t) => {
      const app = await startProgram(t, programs.fan(1))
      const { code, stderr } = await lastcall(t, 'kill', app.pid, ...args)
      assert.equal([code, stderr.trimEnd()], [2, `lastcall kill: ${message}`])
      assert.ok(alive(app.identity))
    },
    { skip },
  )
}

test(
  'a signal that ends nobody is refused',
  async (t) => {
    const app = await startProgram(t, programs.fan(1))
    const { code, stderr } = await lastcall(t, 'kill', app.pid, '--signal', 'STOP')
    assert.equal([code, stderr.trimEnd()], [2, "lastcall: option signal: SIGSTOP ends no process. Write 'SIGTERM'."])
  },
  { skip },
)
