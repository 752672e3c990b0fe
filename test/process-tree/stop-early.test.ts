import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { test } from '../support/suite.ts'
import { startScript } from './started-script.ts'

/** What a container's start looks like: a shell that forks and execs all the time. */
const STARTS = {
  'a server in the foreground': 'true; /bin/true; perl server.pl a 0.05; exit $?',
  'a server behind a trap': `trap 'kill $p 2>/dev/null; wait $p; exit 3' TERM; /bin/true; perl server.pl a 0.05 & p=$!; wait $p`,
  'a pipeline': '/bin/true; perl server.pl a 0.05 | cat >>log',
  'shells in shells': `sh -c 'sh -c "perl server.pl a 0.05; true"; true'; true`,
}

for (const [what, text] of Object.entries(STARTS)) {
  test(
    `in the first 50 ms, in the middle of fork and exec: ${what} that got up is told once and cleans up`,
    async (t) => {
      for (let round = 0; round < 6; round++) {
        await Promise.all(
          [0, 1, 2].map(async (offset) => {
            const script = await startScript(t, text, { ready: [] })
            await pause((round * 3 + offset) * 3)
            const { told, killed, survivors } = await script.stop({ timeoutMs: 8_000 })
            assert.equal([killed, survivors], [0, []], JSON.stringify(told))
            assert.is(new Set(told.map(({ pid }) => pid)).size, told.length)
            const events = script.events()
            const whole = ['a ready', 'a told SIGTERM', 'a cleaned']
            // One that was told before it could listen has ended without a word.
            assert.ok(events.length < 2 || JSON.stringify(events) === JSON.stringify(whole), events.join())
          }),
        )
      }
    },
    { limitMs: 60_000 },
  )
}
