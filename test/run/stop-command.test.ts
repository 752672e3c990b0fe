import * as assert from 'uvu/assert'
import { readStat } from '../../lib/process-tree/find-linux.ts'
import { Members } from '../../lib/process-tree/members.ts'
import type { ProcessId } from '../../lib/process-tree/process-id.ts'
import { commandEnd } from '../../lib/run/command-end.ts'
import { StopCommand } from '../../lib/run/stop-command.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { hookContext } from '../support/hook-context.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = can.linux()

test(
  'in the middle of a stop the command has its row: who was told, and SIGKILL when it is killed',
  async (t) => {
    const script = 'trap "echo told" TERM; echo ready; while :; do sleep 0.02; done'
    const app = await startProgram(t, ['sh', '-c', script])
    const stop = new StopCommand({
      ...{ name: 'sh', pid: app.pid, end: commandEnd(app.process), stopSignal: 'SIGTERM', stepOver: [] },
      ...{ terminal: undefined, namespace: undefined, begun: Promise.resolve(0), announce: () => {} },
      members: new Members(readStat(app.pid) as ProcessId, { ownGroup: false }),
    })
    const row = () => stop.findings().children?.[0]
    assert.is(row(), undefined)
    const { context, reachLimit } = hookContext()
    const over = stop.run(context)
    await until(
      'it was told',
      () => row()?.told.length,
      // The shell, and its sleep where that runs just then: its trap waits for that.
      (length) => length === 1 || length === 2,
    )
    assert.equal([row()?.code, row()?.signal], [null, null])
    reachLimit()
    assert.equal([row()?.signal, row()?.killed, stop.findings().exitCode], ['SIGKILL', 0, 137])
    await over
    assert.is(row()?.signal, 'SIGKILL')
    assert.ok((row()?.killed ?? 0) > 0)
  },
  { skip },
)
