import * as assert from 'uvu/assert'
import { newCookie, TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import { type ProcessStat, readStat } from '../../lib/process-tree/find-linux.ts'
import { killAllSync } from '../../lib/process-tree/kill.ts'
import { Members } from '../../lib/process-tree/members.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import * as programs from './programs.ts'

const skip = can.linux() || can.program('perl')

const commands = [
  programs.hopper,
  programs.hopperInNewSessions,
  programs.fan(20),
  programs.forkRace(100),
  programs.daemon,
  programs.clearedEnvironment,
]

test(
  'of many trees killed at once none survives, and each result is that of its own tree',
  async (t) => {
    const trees = await Promise.all(
      commands.map(async (command) => {
        const cookie = newCookie()
        const app = await startProgram(t, command, { env: { [TREE_COOKIE]: cookie } })
        return { app, members: new Members(readStat(app.pid) as ProcessStat, { cookie, ownGroup: true }) }
      }),
    )
    const results = killAllSync(trees.map(({ members }) => members))
    assert.equal(
      results.map(({ survivors, denied }) => [survivors, denied]),
      commands.map(() => [[], []]),
    )
    assert.equal(results[2]?.killed, 21)
    for (const { app } of trees) {
      await until('the pipe ends', () => app.process.stdout?.readableEnded, Boolean, { limitMs: 5_000 })
    }
  },
  { skip },
)

test('nobody to kill is no error', () => assert.equal(killAllSync([]), []), { skip })
