import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import * as programs from '../process-tree/programs.ts'
import { startCli, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { type TestContext, test } from '../support/suite.ts'

const skip = can.linux() || can.program('perl')
// Neither ps nor anything else may be needed.
const onlyNode = { PATH: '/nonexistent' }

async function lastcall(t: TestContext, ...args: (string | number)[]) {
  const cli = await startCli(t, args.map(String), { ready: false, env: onlyNode })
  return cli.exited
}

test(
  'a tree is drawn with state, SIGTERM and command',
  async (t) => {
    const app = await startProgram(t, [
      'sh',
      '-c',
      'perl -e \'$SIG{TERM} = sub {}; $| = 1; print "ready\n"; sleep 60\'; :',
    ])
    const { code, stdout } = await lastcall(t, 'tree', app.pid)
    const [head, sh, perl, ...more] = stdout.trimEnd().split('\n')
    assert.is(head, '  PID  STATE      SIGTERM  COMMAND')
    assert.match(sh ?? '', new RegExp(`^ *${app.pid}  asleep     default  sh -c perl`))
    assert.match(perl ?? '', /^ *\d+ {2}asleep {5}handles {2}└─ perl -e /)
    assert.equal([code, more], [0, []])
  },
  { skip },
)

test(
  'a daemon stands apart, with how it was found',
  async (t) => {
    const app = await startProgram(t, programs.daemon, { env: { [TREE_COOKIE]: newCookie() } })
    const { stdout } = await lastcall(t, 'tree', app.pid)
    const apart = stdout.slice(stdout.indexOf('No longer below it:')).trimEnd().split('\n')
    assert.is(apart.length, 2, stdout)
    assert.match(apart[1] ?? '', /^ *\d+ {2}asleep {5}default {2}perl .*\(found by its mark, parent \d+\)$/)
  },
  { skip },
)

test(
  '--json prints the list',
  async (t) => {
    const app = await startProgram(t, programs.fan(2))
    const { stdout } = await lastcall(t, 'tree', app.pid, '--json')
    const list = JSON.parse(stdout)
    assert.equal(
      list.map(({ foundBy }: { foundBy: string }) => foundBy),
      ['root', 'descent', 'descent'],
    )
    assert.is(list[0].pid, app.pid)
  },
  { skip },
)

for (const [args, message] of [
  [['tree'], 'lastcall tree: which process? Write its PID. See: lastcall tree --help'],
  [['tree', 'abc'], 'lastcall tree: PID must be a whole number above 0, got "abc". See: lastcall tree --help'],
  [['tree', '0'], 'lastcall tree: PID must be a whole number above 0, got "0". See: lastcall tree --help'],
  [['tree', '7', '8'], 'lastcall tree: it takes one PID, got 7 8. See: lastcall tree --help'],
  [
    ['tree', '7', '--jason'],
    'lastcall tree: there is no option --jason. Did you mean --json? See: lastcall tree --help',
  ],
  [['tree', '4194305'], 'lastcall: there is no process 4194305; it may have ended.'],
] as const) {
  test(
    `lastcall ${args.join(' ')} is refused`,
    async (t) => {
      const { code, stdout, stderr } = await lastcall(t, ...args)
      assert.equal([code, stdout, stderr.trimEnd()], [2, '', message])
    },
    { skip },
  )
}

test('--help fits a screen', async (t) => {
  for (const command of ['tree', 'kill']) {
    const { code, stdout } = await lastcall(t, command, '--help')
    const lines = stdout.split('\n')
    assert.is(code, 0)
    assert.ok(lines.length < 24 && lines.every((line) => line.length <= 80), stdout)
  }
})

for (const args of [['tree', String(process.pid)], ['--help'], ['tree', '--help']]) {
  test(
    `a reader that has gone (lastcall ${args[0]} | head -1) costs neither the exit code nor a stack`,
    async (t) => {
      const cli = await startCli(t, args, { ready: false, stdio: ['ignore', 'pipe', 'pipe'] })
      cli.process.stdout?.destroy()
      const { code, stderr } = await cli.exited
      assert.equal([code, stderr], [0, ''])
    },
    { skip },
  )
}
