import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { startApp } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'

const skip = can.linux()
/** Without it the process has to be killed, and by somebody else. */
const canExec = 'execve' in process

for (const [way, code] of [
  ['read', 0],
  ['crypto', 0],
  ['worker', 0],
  ['exit', 1],
  ['read and loop', 1],
] as const) {
  test(
    `in the way '${way}' a thread that never comes back does not hold the end`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-held-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const fifo = join(folder, 'fifo')
      execFileSync('mkfifo', [fifo])
      const options = { terminationGracePeriodSeconds: 3 }
      const app = await startApp(t, 'held-at-exit', { args: [way, fifo], options })
      app.kill('SIGTERM')
      const ended = await app.exited
      assert.is(ended.report.exitCode, ended.signal === 'SIGKILL' ? 137 : ended.code)
      // In the watchdog's hands time is short: it may have to kill.
      if (way !== 'read and loop') assert.is(ended.report.exitCode, canExec ? code : 137)
    },
    { skip },
  )
}
