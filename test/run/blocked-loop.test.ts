import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { asPid1, notAsPid1 } from '../process-tree/real-trees/surroundings.ts'
import { startProgram } from '../support/app.ts'
import { alive, commandLine, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { cliIn } from './pid-one-cli.ts'
import { jsonReport, theRun } from './run-cli.ts'

const blocked = [process.execPath, fileURLToPath(new URL('../apps/blocks-event-loop.js', import.meta.url))]

/** Ticks of a hundredth of a second that it has used. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

for (const { name, prefix, missing: skip } of [notAsPid1, asPid1]) {
  test(
    `${name}: a command whose event loop was blocked before SIGTERM came is gone at the deadline, with its tree`,
    async (t) => {
      const run = [process.execPath, cliIn(), 'run', '--json', '--grace', '6', '--']
      const app = await startProgram(t, [...prefix, ...run, ...blocked])
      const { first } = await theRun(app)
      const all = tree(first.pid)
      const command = all.find(
        (p) => commandLine(p.pid).endsWith('blocks-event-loop.js') && p.pid !== first.pid && tree(p.pid).length === 2,
      )
      assert.ok(command, 'the command and its child run')
      // Its start takes a few tenths of a second, its loop all that there is.
      await until(
        'its loop is blocked',
        () => cpuTicks(command.pid),
        (ticks) => ticks > 100,
      )
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      const { outcome, exitCode, durationMs, children, survivors, verdict, clock } = jsonReport(ended)
      assert.equal([ended.code, exitCode, outcome, survivors], [137, 137, 'unclean', []], ended.stderr)
      assert.equal(
        children.map((child) => [child.signal, child.told.length]),
        [['SIGKILL', 1]],
      )
      assert.match(verdict, /had to be killed.*blocks-event-loop\.js/)
      assert.ok(durationMs < clock.terminationGracePeriodSeconds * 1000, `${durationMs} ms`)
      assert.equal(all.filter(alive), [])
    },
    { skip },
  )
}
