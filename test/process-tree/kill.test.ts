import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { type ProcessStat, readStat } from '../../lib/process-tree/find-linux.ts'
import { killMembers, killMembersSync } from '../../lib/process-tree/kill.ts'
import { Members } from '../../lib/process-tree/members.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { group, marked } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import * as programs from './programs.ts'

const skip = can.linux() || can.program('perl')

const scenarios: Readonly<Record<string, { command: readonly string[]; atLeast: number }>> = {
  'a fan of 100': { command: programs.fan(100), atLeast: 101 },
  'a chain of 100': { command: programs.chain(100), atLeast: 101 },
  'a shell that keeps forking': { command: programs.forkRace(400), atLeast: 2 },
  'a process whose pid changes all the time': { command: programs.hopper, atLeast: 2 },
  'one that does so in a session of its own': { command: programs.hopperInOwnSession, atLeast: 2 },
  'one that does so as fast as the machine can': { command: programs.hopperAtFullSpeed, atLeast: 2 },
  'one that begins a session at every hop': { command: programs.hopperInNewSessions, atLeast: 2 },
  'an orphan': { command: programs.doubleFork, atLeast: 2 },
  'a daemon': { command: programs.daemon, atLeast: 2 },
  'a child that cleared its environment': { command: programs.clearedEnvironment, atLeast: 2 },
  'a parent of zombies': { command: programs.zombies(5), atLeast: 1 },
}

for (const [what, { command, atLeast }] of Object.entries(scenarios)) {
  test(
    `${what} does not survive`,
    async (t) => {
      for (let round = 0; round < 3; round++) {
        const cookie = newCookie()
        const app = await startProgram(t, command, { env: { [TREE_COOKIE]: cookie } })
        const members = new Members(readStat(app.pid) as ProcessStat, { cookie, ownGroup: true })
        const { killed, survivors, denied } = await killMembers(members)
        assert.equal([survivors, denied], [[], []])
        // Everybody in the tree holds this pipe. A list would miss whoever changes its pid faster than it is read.
        await until('the pipe ends', () => app.process.stdout?.readableEnded, Boolean, { limitMs: 5_000 })
        assert.equal([marked(TREE_COOKIE, cookie), group(app.pid)], [[], []])
        assert.ok(killed >= atLeast, `killed ${killed}, expected ${atLeast} or more`)
      }
    },
    { skip },
  )
}

test(
  'a member that was stopped before is killed too',
  async (t) => {
    const app = await startProgram(t, programs.fan(2))
    app.killGroup('SIGSTOP')
    const members = new Members(readStat(app.pid) as ProcessStat, { ownGroup: true })
    assert.is((await killMembers(members)).killed, 3)
  },
  { skip },
)

test(
  'a recycled pid is not signalled: neither the process nor its group',
  async (t) => {
    const app = await startProgram(t, programs.fan(2))
    const { startTime } = readStat(app.pid) as ProcessStat
    const { killed } = await killMembers(new Members({ pid: app.pid, startTime: startTime - 1 }, { ownGroup: true }))
    assert.is(killed, 0)
    assert.is(group(app.pid).filter(({ state }) => state !== 'T').length, 3)
  },
  { skip },
)

test(
  'an empty tree takes no time',
  async (t) => {
    const app = await startProgram(t, ['true'], { ready: false })
    const members = new Members(app.identity, { ownGroup: true })
    await app.exited
    const { killed, survivors } = await killMembers(members)
    assert.equal([killed, survivors], [0, []])
  },
  { skip },
)

test(
  'the kill can do without the event loop',
  async (t) => {
    const cookie = newCookie()
    const app = await startProgram(t, programs.hopperInOwnSession, { env: { [TREE_COOKIE]: cookie } })
    const members = new Members(readStat(app.pid) as ProcessStat, { cookie, ownGroup: true })
    const { survivors } = killMembersSync(members)
    assert.equal([survivors, marked(TREE_COOKIE, cookie)], [[], []])
  },
  { skip },
)
