import { inWorkerThread } from '../children/adopt/thread-channel.ts'
import type { TreeReader } from '../children/guard/tree-book.ts'
import type { Grace } from '../clock/cascade.ts'
import { monotonicNow } from '../clock/deadline.ts'
import { printOnStderr } from '../on-stderr.ts'
import type { Change } from '../report/chronicle.ts'
import type { WatchdogReport } from '../report/report.ts'
import type { CheckedOptions } from '../shutdown/options/check-options.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'
import type { DeadlineWatchdog } from '../shutdown/shutdown-setup.ts'
import { Watchdog } from '../watchdog/watchdog.ts'

export interface WatchSetup {
  readonly options: CheckedOptions
  readonly grace: Grace
  readonly story: () => ShutdownStory
  readonly readTrees: (reader: TreeReader) => () => void
}

/** The watchdog of this shutdown. In a worker thread there is none: the thread's end is the main thread's business. */
export function watchOver({
  options,
  grace,
  story,
  readTrees,
}: WatchSetup): DeadlineWatchdog & { start(): void; leaves(): boolean } {
  if (!options.watchdog || inWorkerThread()) {
    return {
      ...{ start: () => {}, heard: () => {}, begun: () => {}, over: async () => {}, leaves: () => true },
      lastWord: (_, publish) => publish(),
    }
  }
  const { heartbeatMs } = options.watchdog
  const { reportFile, terminationLog } = options
  const watchdog = new Watchdog({
    ...{ heartbeatMs, grace, reportFile, terminationLog, now: monotonicNow, readTrees },
    past: () => story().chronicle.changes(),
    stateIs: (state) => {
      story().chronicle.note({ watchdog: state })
      if (state.state === 'impossible') warn(state)
    },
  })
  return {
    start: () => (heartbeatMs === undefined ? undefined : watchdog.start()),
    heard: (change: Change) => watchdog.heard(change),
    begun: (deadline) => watchdog.begun(deadline),
    lastWord: (exitCode, publish) => watchdog.lastWord(exitCode, publish),
    leaves: () => watchdog.leaves(),
    over: () => watchdog.over(),
  }
}

function warn({ why }: WatchdogReport): void {
  printOnStderr(
    `lastcall: the watchdog cannot watch (${why}): a blocked event loop will last until SIGKILL. ` +
      'Allow worker threads (--allow-worker), or say watchdog: false.\n',
  )
}
