import process from 'node:process'
import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, commandLine, type Process, processes, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

/** What the seconds of our sleeps begin with: another run on this machine has sleeps of its own. */
const BASE = String(1_000_000 + process.pid)

/** Everybody whom the app started but its guard: by descent, by session, and the daemon that has neither. */
function members(pid: number): Process[] {
  const children = tree(pid).slice(1)
  const sessions = new Set(children.map((one) => one.sid))
  const sleeps = processes().filter((one) => isOurs(one))
  const all = [...children, ...processes().filter((one) => sessions.has(one.sid)), ...sleeps]
  return [...new Map(all.map((one) => [one.pid, one])).values()].filter((one) =>
    commandLine(one.pid).includes(`sleep ${BASE}`),
  )
}

function isOurs({ pid }: Process): boolean {
  return commandLine(pid).startsWith(`sleep ${BASE}`)
}

const ends: readonly [way: string, title: string, execArgv: string[]][] = [
  ['kill', 'killed by SIGKILL', []],
  ['exit', 'ended by process.exit', []],
  ['throw', 'ended by an uncaught error', []],
  ['memory', 'out of memory', ['--max-old-space-size=40']],
]

for (const [way, title, execArgv] of ends) {
  test(`of a supervised tree nobody is left when the service is ${title}: no grandchild, no daemon`, async (t) => {
    const app = await startApp(t, 'dies', { args: [way, BASE], execArgv, options: { errors: 'never' } })
    const before = await until(
      'the whole tree is there',
      () => members(app.pid),
      (found) => found.length >= 4,
    )
    app.kill('SIGUSR2')
    await app.exited
    await until(
      'nobody of the tree is left',
      () => before.filter(alive),
      (left) => left.length === 0,
    )
  })
}

test('the guard ignores what stops the service, ends with it, and is started again when somebody kills it', async (t) => {
  const app = await startApp(t, 'dies', { args: ['kill', BASE] })
  const guards = (): Process[] => tree(app.pid).filter((one) => commandLine(one.pid).startsWith('lastcall guard'))
  const [first] = await until('the guard is there', guards, (found) => found.length === 1)
  process.kill(first?.pid ?? 0, 'SIGTERM')
  process.kill(first?.pid ?? 0, 'SIGINT')
  assert.ok(alive(first as Process))
  process.kill(first?.pid ?? 0, 'SIGKILL')
  const [second] = await until(
    'another guard is there',
    guards,
    (found) => found.length === 1 && found[0]?.pid !== first?.pid,
  )
  const before = members(app.pid)
  app.kill('SIGKILL')
  await app.exited
  await until(
    'nobody is left',
    () => [...before, second as Process].filter(alive),
    (left) => left.length === 0,
  )
})

test('with guard: false no guard starts, and an ordinary stop leaves nobody all the same', async (t) => {
  const app = await startApp(t, 'dies', { args: ['exit', BASE], options: { guard: false } })
  assert.not.ok(tree(app.pid).some((one) => commandLine(one.pid).startsWith('lastcall guard')))
  const before = members(app.pid)
  app.kill('SIGTERM')
  const { code } = await app.exited
  assert.equal([code, before.filter(alive)], [0, []])
})

test(
  'with guard: false the kernel kills the child itself when the service is killed',
  async (t) => {
    const app = await startApp(t, 'dies', { args: ['kill', BASE], options: { guard: false } })
    const child = tree(app.pid).find((one) => one.ppid === app.pid) as Process
    app.kill('SIGUSR2')
    await app.exited
    await until(
      'the child is gone',
      () => alive(child),
      (lives) => !lives,
    )
  },
  { skip: can.program('setpriv') },
)
