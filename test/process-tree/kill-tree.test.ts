import { readdirSync } from 'node:fs'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { readStat } from '../../lib/process-tree/find-linux.ts'
import { type KillTreeResult, killTree, killTreeSync, listTree } from '../../lib/process-tree/index.ts'
import { startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, children, group, marked } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import * as programs from './programs.ts'

const skip = can.linux() || can.program('perl')
const root = can.root()

test(
  'a tree ends by the signal, at the process that handles it',
  async (t) => {
    const server = 'trap "sleep 0.2; echo cleaned up; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
    const app = await startProgram(t, ['sh', '-c', 'sh -c "$0"; echo "server ended with $?"', server])
    const result = await killTree(app.pid)
    const { stdout } = await app.exited
    assert.match(stdout, /cleaned up\nserver ended with 3/)
    assert.equal([result.killed, result.survivors, result.denied], [0, [], []])
    assert.is(result.told[0]?.signal, 'SIGTERM')
    assert.ok(result.ended >= 2)
  },
  { skip },
)

test(
  'who does not end in its grace is killed, and counted',
  async (t) => {
    const app = await startProgram(t, ['sh', '-c', 'trap "" TERM; echo ready; sleep 60'])
    const { ended, killed, survivors } = await killTree(app.pid, { graceMs: 300 })
    assert.equal([ended, killed, survivors], [0, 2, []])
    assert.is((await app.exited).signal, 'SIGKILL')
  },
  { skip },
)

test(
  'another signal is delivered as itself',
  async (t) => {
    const app = await startProgram(t, [
      'sh',
      '-c',
      'trap "echo quit; exit" QUIT; echo ready; while :; do sleep 0.05; done',
    ])
    await killTree(app.pid, { signal: 'SIGQUIT' })
    assert.match((await app.exited).stdout, /quit/)
  },
  { skip },
)

for (const [how, options] of [
  ['SIGKILL', { signal: 'SIGKILL' }],
  ['no grace', { graceMs: 0 }],
] as const) {
  test(
    `${how} asks nobody`,
    async (t) => {
      const app = await startProgram(t, ['sh', '-c', 'trap "echo told" TERM; echo ready; sleep 60; :'])
      const { told, killed } = await killTree(app.pid, options)
      assert.equal([told, killed], [[], 2])
      assert.not.match((await app.exited).stdout, /told/)
    },
    { skip },
  )
}

test(
  'a daemon is found by the mark that the root was started with',
  async (t) => {
    const mark = newCookie()
    const app = await startProgram(t, programs.daemon, { env: { [TREE_COOKIE]: mark } })
    assert.is((await killTree(app.pid, { signal: 'SIGKILL' })).killed, 2)
    assert.equal(marked(TREE_COOKIE, mark), [])
  },
  { skip },
)

test(
  'given the mark, a tree is ended whose root has gone',
  async (t) => {
    const cookie = newCookie()
    const app = await startProgram(t, programs.daemonAlone, { env: { [TREE_COOKIE]: cookie } })
    await until('the root has gone', () => readStat(app.pid) === undefined)
    const daemons = await listTree(app.identity, { cookie })
    assert.is(daemons.length, 1)
    assert.is((await killTree(app.identity, { cookie, signal: 'SIGKILL' })).killed, 1)
    assert.equal(marked(TREE_COOKIE, cookie), [])
    assert.is((await killTree(app.identity, { cookie })).ended, 0)
  },
  { skip },
)

test(
  'a process that only inherited the mark does not take the others with it',
  async (t) => {
    const app = await startProgram(t, programs.fan(3), { env: { [TREE_COOKIE]: newCookie() } })
    const one = children(app.pid)[0]
    assert.is((await killTree(one?.pid ?? 0, { signal: 'SIGKILL' })).killed, 1)
    assert.is(group(app.pid).length, 3)
  },
  { skip },
)

test(
  'a process that was listed and has ended is not mistaken for the next one with its pid',
  async (t) => {
    const app = await startProgram(t, programs.fan(1))
    const { pid, startTime } = (await listTree(app.pid))[0] as { pid: number; startTime: number }
    const before = { pid, startTime: startTime - 1 }
    const message = `lastcall: process ${pid} has ended, and its pid was given to another one. Nobody was signalled.`
    await rejects(killTree(before, { signal: 'SIGKILL' }), 'ERR_LASTCALL_PROCESS', message)
    await rejects(listTree(before), 'ERR_LASTCALL_PROCESS', message)
    assert.ok(alive(app.identity))
  },
  { skip },
)

test(
  'of its own tree a process survives alone',
  async (t) => {
    const app = await startApp(t, 'kills-own-tree', { ready: false })
    const { code, stdout } = await app.exited
    const { ended, killed, left, survivors } = JSON.parse(stdout)
    assert.equal([code, ended, killed, left, survivors], [0, 4, 0, [], []])
  },
  { skip },
)

test(
  'an exit listener can end the tree',
  async (t) => {
    const app = await startApp(t, 'kills-tree-at-exit', { ready: false })
    const { code, stdout } = await app.exited
    const { killed, survivors } = JSON.parse(stdout)
    assert.equal([code, killed, survivors], [0, 2, []])
  },
  { skip },
)

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(
    `who may not be signalled with ${signal} is reported, and holds nothing up`,
    async (t) => {
      const app = await startProgram(t, programs.fan(1))
      const nobody = await startApp(t, 'kills-as-nobody', { args: [String(app.pid), signal], ready: false })
      const { denied, survivors, killed } = JSON.parse((await nobody.exited).stdout) as KillTreeResult
      assert.is(killed, 0)
      assert.equal(pids(survivors), pids(group(app.pid)))
      assert.equal(pids(denied), pids(group(app.pid)))
    },
    { skip: skip || root },
  )
}

test(
  'the process is checked before anything is done',
  async () => {
    for (const pid of [0, -1, 1.5, Number.NaN, '12', undefined]) {
      await rejects(
        killTree(pid as number),
        'ERR_LASTCALL_PROCESS',
        /^lastcall: pid must be a whole number above 0, got /,
      )
      await rejects(
        listTree(pid as number),
        'ERR_LASTCALL_PROCESS',
        /^lastcall: pid must be a whole number above 0, got /,
      )
    }
    await rejects(
      killTree({ pid: 5, startTime: 'x' } as never),
      'ERR_LASTCALL_PROCESS',
      /startTime must be a number, got "x"/,
    )
    // Above the highest pid that Linux can be told to use.
    const none = 2 ** 22 + 1
    await rejects(killTree(none), 'ERR_LASTCALL_PROCESS', `lastcall: there is no process ${none}; it may have ended.`)
    await rejects(listTree(none), 'ERR_LASTCALL_PROCESS', `lastcall: there is no process ${none}; it may have ended.`)
  },
  { skip },
)

test(
  'PID 1 is refused',
  async () => {
    const message = 'lastcall: PID 1 is the whole system or container. Name a process below it.'
    await rejects(killTree(1), 'ERR_LASTCALL_PROCESS', message)
    assert.throws(() => killTreeSync(1), new RegExp(message))
  },
  { skip },
)

test(
  'a thread is no process',
  async (t) => {
    const app = await startApp(t, 'slow-hook')
    const thread = readdirSync(`/proc/${app.pid}/task`)
      .map(Number)
      .find((tid) => tid !== app.pid)
    const message = `lastcall: ${thread} is a thread of process ${app.pid}. Write ${app.pid}.`
    await rejects(killTree(thread ?? 0), 'ERR_LASTCALL_PROCESS', message)
  },
  { skip },
)

test(
  'the options are checked before anything is done',
  async () => {
    const wrong: [object, string, string][] = [
      [{ signals: 'SIGTERM' }, 'ERR_LASTCALL_OPTION', 'killTree has no option signals. Did you mean signal?'],
      [
        { signal: 'SIGTREM' },
        'ERR_LASTCALL_SIGNAL',
        'option signal must be a signal\'s name, got "SIGTREM". Did you mean',
      ],
      [{ signal: 15 }, 'ERR_LASTCALL_SIGNAL', "option signal must be a signal's name, got 15. Write 'SIGTERM'."],
      [{ signal: 'SIGSTOP' }, 'ERR_LASTCALL_SIGNAL', "option signal: SIGSTOP ends no process. Write 'SIGTERM'."],
      [{ graceMs: -1 }, 'ERR_LASTCALL_OPTION', 'option graceMs must be a number of milliseconds, 0 or more, got -1.'],
      [
        { graceMs: '5s' },
        'ERR_LASTCALL_OPTION',
        'option graceMs must be a number of milliseconds, 0 or more, got "5s".',
      ],
      [{ cookie: '' }, 'ERR_LASTCALL_OPTION', 'option cookie must be a text that is not empty, got "".'],
    ]
    for (const [options, code, message] of wrong) {
      await rejects(killTree(process.pid, options), code, (text) => text.startsWith(`lastcall: ${message}`))
    }
    await rejects(listTree(process.pid, { cokie: 'a' } as object), 'ERR_LASTCALL_OPTION', /Did you mean cookie\?/)
    assert.throws(() => killTreeSync(process.pid, { limitMs: '5s' } as never), /option limitMs must be/)
  },
  { skip },
)

type Expected = string | RegExp | ((text: string) => boolean)

async function rejects(promise: Promise<unknown>, code: string, expected: Expected): Promise<void> {
  const error = await promise.then(
    () => assert.unreachable('it did not reject'),
    (thrown) => thrown,
  )
  const right =
    typeof expected === 'string'
      ? error.message === expected
      : typeof expected === 'function'
        ? expected(error.message)
        : expected.test(error.message)
  assert.ok(right, `unexpected: ${error.message}`)
  assert.is(error.code, code)
}

function pids(list: readonly { readonly pid: number }[]): number[] {
  return list.map(({ pid }) => pid).sort()
}
