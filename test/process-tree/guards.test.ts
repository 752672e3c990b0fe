import * as assert from 'uvu/assert'
import { type ProcessStat, readStat } from '../../lib/process-tree/find-linux.ts'
import { killMembers } from '../../lib/process-tree/kill.ts'
import { Members } from '../../lib/process-tree/members.ts'
import { GUARD_MARK } from '../../lib/process-tree/owned/guards.ts'
import { bitOf, readSignalStatus } from '../../lib/process-tree/stop/signal-status.ts'
import { stopTree } from '../../lib/process-tree/stop/stop.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, commandLine, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = can.linux() || can.program('perl') || can.program('setsid')

/** A service with a guard that hears no signal and would never end, and with a child that hears none either. */
async function start(t: TestContext, mark: string) {
  const deaf = `perl -e '$SIG{TERM} = "IGNORE"; sleep 300' --`
  const script = `${mark}=1 setsid ${deaf} deaf & ${deaf} deaf & exec perl -e '$SIG{TERM} = sub { exit 0 }; $| = 1; print "ready\\n"; sleep 300'`
  const app = await startProgram(t, ['sh', '-c', script])
  const three = (await until(
    'all are there',
    () => tree(app.pid).filter(({ comm }) => comm !== 'sh' && comm !== 'setsid'),
    (found) => found.filter(({ pid }) => pid === app.pid || isDeaf(pid)).length === 3,
  )) as Process[]
  const members = new Members(readStat(app.pid) as ProcessStat, { ownGroup: false })
  return { members, three, guard: three.find(({ pid }) => isDeaf(pid) && readStat(pid)?.sid === pid) as Process }
}

const isDeaf = (pid: number): boolean =>
  commandLine(pid).endsWith(' deaf') && ((readSignalStatus(pid)?.ignored ?? 0) & bitOf('SIGTERM')) !== 0

test(
  'the guard of a lastcall in the tree is told nothing, and is no fault; but it is waited for, and gone at the end',
  async (t) => {
    const { members, three, guard } = await start(t, GUARD_MARK)
    const kill = new AbortController()
    const over = stopTree(members, { signal: 'SIGTERM', timeoutMs: 60_000, kill: kill.signal })
    const child = three.find((one) => one !== guard && isDeaf(one.pid)) as Process
    await until('the service has gone', () => !alive(three.find((one) => one !== guard && one !== child) as Process))
    process.kill(child.pid, 'SIGKILL')
    await until('the child has gone', () => !alive(child))
    assert.ok(alive(guard))
    kill.abort()
    const { told, killed, unstopped, survivors } = await over
    assert.equal([told.length, killed, unstopped, survivors], [1, 0, [], []])
    assert.equal(three.filter(alive), [])
  },
  { skip },
)

test(
  'any other process in its place is told, counted and named',
  async (t) => {
    const { members, guard } = await start(t, 'NO_GUARD')
    const { killed, unstopped } = await stopTree(members, { signal: 'SIGTERM', timeoutMs: 300 })
    assert.is(killed, 2)
    assert.ok(unstopped.some(({ pid }) => pid === guard.pid))
  },
  { skip },
)

test(
  'a kill ends it, too, and counts the others',
  async (t) => {
    const { members, three } = await start(t, GUARD_MARK)
    const { killed, survivors } = await killMembers(members)
    assert.equal([killed, survivors, three.filter(alive)], [2, [], []])
  },
  { skip },
)
