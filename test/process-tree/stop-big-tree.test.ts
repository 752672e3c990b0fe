import * as assert from 'uvu/assert'
import { TREE_COOKIE } from '../../lib/process-tree/cookie.ts'
import type { Member, Members } from '../../lib/process-tree/members.ts'
import { startProgram } from '../support/app.ts'
import { type TestContext, test } from '../support/suite.ts'
import { startScript } from './started-script.ts'

/** The most processor time that one turn of the event loop took: what others take of the machine does not count. */
function longestTurn(): { readonly stop: () => number } {
  let [last, longest, running] = [process.cpuUsage(), 0, true]
  const turn = (): void => {
    const { user, system } = process.cpuUsage(last)
    longest = Math.max(longest, (user + system) / 1000)
    last = process.cpuUsage()
    if (running) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    stop: () => {
      running = false
      return longest
    },
  }
}

/** Another reading, in the middle of one that is spread, finds a member that its list lacks. */
async function keepsWhoeverCame(t: TestContext, members: Members): Promise<void> {
  const spread = members.readSpread()
  const late = await startProgram(t, ['sleep', '60'], { ready: false, env: { [TREE_COOKIE]: members.cookie } })
  const has = (found: readonly Member[]): boolean => found.some(({ pid }) => pid === late.pid)
  assert.ok(has(members.scan()))
  assert.ok(has((await spread).living))
  late.kill('SIGKILL')
  await late.exited
}

test(
  '2,000 members are stopped without blocking the event loop',
  async (t) => {
    const text = `for (1..2000) { if (!fork) { $SIG{TERM} = sub { exit }; sleep 60; exit } }
    open $log, ">>", "events.log"; print $log "a ready pid 0\\n"; close $log; 1 while wait > 0`
    const script = await startScript(t, `perl -e '${text}'; true`)
    script.members.scan() // `run` reads them while they come; the first reading takes their environments as well
    await keepsWhoeverCame(t, script.members)
    const watched = longestTurn()
    const { told, killed } = await script.stop({ timeoutMs: 60_000 })
    const turnMs = watched.stop()
    assert.equal([told.length, killed], [2_000, 0])
    // Processor time, so that a busy machine does not count; measured 44 to 46 ms.
    assert.ok(turnMs < 100, `${Math.round(turnMs)} ms`)
    console.log(`the longest turn of 2,000 members took ${Math.round(turnMs)} ms`)
  },
  { limitMs: 90_000 },
)
