import process from 'node:process'
import * as assert from 'uvu/assert'
import { unix } from '../../../lib/process-tree/platform/unix.ts'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { alive, group } from '../../support/processes.ts'
import { test } from '../../support/suite.ts'
import * as programs from '../programs.ts'

// What macOS and other Unixes use, tried here with Linux's ps: the same columns, not the same program.
const skip = can.program('ps') || can.program('perl')

const root = (pid: number, startTime?: number) => ({ pid, startTime })

test(
  'pidtree and ps list a tree, each process with its start time and command',
  async (t) => {
    const app = await startProgram(t, programs.fan(3))
    const list = await unix.list(root(app.pid), undefined)
    assert.equal(
      list.map(({ foundBy }) => foundBy),
      ['root', 'descent', 'descent', 'descent'],
    )
    assert.ok(list.every(({ command }) => command.startsWith('perl -MPOSIX')))
    const now = Date.now() / 1_000
    assert.ok(
      list.every(({ startTime }) => Math.abs(startTime - now) < 600),
      JSON.stringify(list),
    )
  },
  { skip },
)

test(
  'a signal goes to every process of the tree, and SIGKILL to who is left',
  async (t) => {
    const polite = 'perl -e \'$| = 1; $SIG{TERM} = "DEFAULT"; print "ready\n"; sleep 60\''
    const app = await startProgram(t, ['sh', '-c', `trap "" TERM; ${polite}; sleep 60; :`])
    const { told, ended, killed, survivors } = await unix.kill(root(app.pid), undefined, 'SIGTERM', 500)
    // The shell goes on and starts a sleep, which inherits that TERM is ignored.
    assert.equal([told.length, ended, killed, survivors], [2, 1, 2, []])
    assert.equal(group(app.pid), [])
  },
  { skip },
)

test(
  'SIGKILL ends a tree at once, an orphan too that was listed before',
  async (t) => {
    const app = await startProgram(t, programs.chain(10))
    const { told, killed, survivors } = await unix.kill(root(app.pid), undefined, 'SIGKILL', 10_000)
    assert.equal([told, killed, survivors, group(app.pid)], [[], 11, [], []])
  },
  { skip },
)

test(
  'another process with the pid is not signalled',
  async (t) => {
    const app = await startProgram(t, programs.fan(1))
    const [first] = await unix.list(root(app.pid), undefined)
    const before = root(app.pid, (first?.startTime ?? 0) - 100)
    const error = await unix.kill(before, undefined, 'SIGKILL', 0).catch((thrown) => thrown)
    assert.match(error.message, /its pid was given to another one/)
    assert.ok(alive(app.identity))
  },
  { skip },
)

test(
  'of ourselves neither we nor the ps that lists are in the tree',
  async (t) => {
    const app = await startProgram(t, programs.fan(1))
    const list = await unix.list(root(process.pid), undefined)
    assert.ok(list.some(({ pid }) => pid === app.pid))
    assert.not.ok(list.some(({ pid, command }) => pid === process.pid || /^ps /.test(command)))
  },
  { skip },
)

test(
  'without ps the error says what to install',
  async (t) => {
    const { PATH } = process.env
    process.env.PATH = '/nonexistent'
    t.after(() => {
      process.env.PATH = PATH
    })
    const error = await unix.list(root(process.pid), undefined).catch((thrown) => thrown)
    assert.is(error.code, 'ERR_LASTCALL_PROCESS')
    assert.match(error.message, /ps on this system, and it is not installed. Install it \(Debian: procps\)/)
  },
  { skip },
)
