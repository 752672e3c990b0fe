import * as assert from 'uvu/assert'
import { test } from '../support/suite.ts'
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

test(
  '2,000 members are stopped without blocking the event loop',
  async (t) => {
    const text = `for (1..2000) { if (!fork) { $SIG{TERM} = sub { exit }; sleep 60; exit } }
    open $log, ">>", "events.log"; print $log "a ready pid 0\\n"; close $log; 1 while wait > 0`
    const script = await startScript(t, `perl -e '${text}'; true`)
    script.members.scan() // `run` reads them while they come; the first reading takes their environments as well
    const watched = longestTurn()
    const { told, killed } = await script.stop({ timeoutMs: 60_000 })
    const turnMs = watched.stop()
    assert.equal([told.length, killed], [2_000, 0])
    // Not over 100 ms on a quiet machine; a busy one has cold caches, and the collector's threads count as well.
    assert.ok(turnMs < 300, `${Math.round(turnMs)} ms`)
    console.log(`the longest turn of 2,000 members took ${Math.round(turnMs)} ms`)
  },
  { limitMs: 90_000 },
)
