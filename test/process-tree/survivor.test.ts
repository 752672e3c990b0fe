import * as assert from 'uvu/assert'
import { type ProcessStat, readStat } from '../../lib/process-tree/find-linux.ts'
import { whySurvives } from '../../lib/process-tree/owned/survivor.ts'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = can.linux() || can.program('perl')

/** By `clone` with CLONE_VFORK: the parent waits in the kernel, state D, for as long as its child lives. */
const STUCK = `use POSIX ();
  my %clone = (x86_64 => 56, aarch64 => 220);
  $| = 1;
  if (syscall($clone{(POSIX::uname)[4]}, 0x4000 | 17, 0, 0, 0, 0) == 0) { print "ready\\n"; sleep 300 }`

test(
  'who is stuck in the kernel survives a SIGKILL',
  async (t) => {
    const app = await startProgram(t, ['perl', '-e', STUCK])
    await until(
      'it is stuck',
      () => readStat(app.pid)?.state,
      (state) => state === 'D',
    )
    assert.is(whySurvives(readStat(app.pid) as ProcessStat), 'SIGKILL did not end it')
  },
  { skip },
)

test(
  'who lives otherwise only waits for a core to die on; who has gone, or has another pid, is nobody',
  async (t) => {
    const app = await startProgram(t, ['perl', '-e', '$| = 1; print "ready\\n"; sleep 300'])
    const stat = readStat(app.pid) as ProcessStat
    assert.is(whySurvives(stat), undefined)
    assert.is(whySurvives({ ...stat, startTime: stat.startTime - 1 }), undefined)
    app.kill('SIGKILL')
    await app.exited
    assert.is(whySurvives(stat), undefined)
  },
  { skip },
)

test(
  'whom we may not signal is said to be so',
  async (t) => {
    const app = await startProgram(t, ['perl', '-e', '$| = 1; print "ready\\n"; sleep 300'])
    const { kill } = process
    t.after(() => {
      process.kill = kill
    })
    // As root there is nobody whom one may not signal.
    process.kill = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' })
    }
    assert.is(whySurvives(readStat(app.pid) as ProcessStat), 'no right to signal it')
  },
  { skip },
)
