import { monotonicNow } from '../../lib/clock/deadline.ts'
import { LiveDeadline } from '../../lib/clock/live-deadline.ts'
import { Watchdog } from '../../lib/watchdog/watchdog.ts'

// A shutdown of ten minutes that learns, in the middle of it, that it has two seconds; then it blocks.
const now = monotonicNow()
const deadline = new LiveDeadline(now, 600_000)
const grace = { seconds: 600, source: 'option' }
const reason = { kind: 'call' as const }
const begun = { reason, grace, deadline, startedDate: new Date(), foreignListeners: [], faults: [] }
const watchdog = new Watchdog({
  ...{ now: monotonicNow, grace, heartbeatMs: undefined, reportFile: undefined, terminationLog: undefined },
  past: () => [{ begun }],
  readTrees: () => () => {},
  stateIs: () => {},
})
watchdog.begun(deadline)
console.log('ready')
setTimeout(() => {
  deadline.bringForward(monotonicNow() + 2_000, monotonicNow())
  blockHere()
}, 500)
setInterval(() => {}, 1_000)

function blockHere(): never {
  for (;;);
}
