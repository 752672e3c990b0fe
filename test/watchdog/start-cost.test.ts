import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'

/** 2 to 4 on every line of Node; cores that others use, too, take longer for the same. */
const MOST_MS = 10

test(
  'its start takes a few milliseconds of the main thread, and opens no standard stream there',
  async (t) => {
    const begin = async (watchdog: boolean): Promise<number> => {
      const app = await startApp(t, 'begins-cheaply', { ready: false, options: { watchdog } })
      const { stdout, report } = await app.exited
      const { ms, isStdoutOpen } = JSON.parse(stdout) as { ms: number; isStdoutOpen: boolean }
      assert.equal([report.watchdog.state, isStdoutOpen], [watchdog ? 'on' : 'off', false])
      return ms
    }
    const [off, on]: [number[], number[]] = [[], []]
    for (let round = 0; round < 9; round++) {
      off.push(await begin(false))
      on.push(await begin(true))
    }
    const more = median(on) - median(off)
    assert.ok(more < MOST_MS, `${more.toFixed(1)} ms more than without it`)
  },
  { skip: can.linux() },
)

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number
}
