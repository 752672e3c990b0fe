import * as assert from 'uvu/assert'
import { alive } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { startScript } from './started-script.ts'

test(
  'with 30 s, one below a launcher that swallows the signal is told 5 s before the end, and a deaf one named and killed at it',
  async (t) => {
    const launcher = `$SIG{TERM} = sub {}; system("perl server.pl a 0.5"); exit 5`
    const late = await startScript(t, `perl -e '${launcher}'; exit $?`)
    const deaf = await startScript(t, `trap "" TERM; echo "a ready pid 0" >>events.log; exec sleep 90`)
    const named: string[] = []
    const [one, other] = await Promise.all([
      late.stop({ timeoutMs: 30_000 }),
      deaf.stop({ timeoutMs: 30_000, onDeaf: ({ name, pid }) => named.push(`${name}, ${alive(pid)}`) }),
    ])

    assert.equal(late.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
    assert.equal(
      one.told.map((told) => told.late),
      [false, true],
    )
    assert.ok((one.told[1]?.atMs ?? 0) >= 24_990, String(one.told[1]?.atMs))
    assert.is(one.killed, 0)

    assert.equal(named, ['sleep 90, true'])
    assert.equal([other.told, other.killed, other.deaf.map(({ name }) => name)], [[], 1, ['sleep 90']])
    assert.ok(other.durationMs >= 29_990)
  },
  { limitMs: 90_000 },
)
