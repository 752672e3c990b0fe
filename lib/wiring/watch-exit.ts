import { inWorkerThread } from '../children/adopt/thread-channel.ts'
import { type Deadline, monotonicNow } from '../clock/deadline.ts'
import { onTerminal } from '../report/on-terminal.ts'
import { startProgress, type Waiting } from '../report/progress.ts'
import type { Report } from '../report/report.ts'
import type { watchWorkerThreads } from '../report/worker-threads.ts'
import { onForeignExit } from '../shutdown/foreign/foreign-exit.ts'
import { certainExit } from '../shutdown/held/held-exit.ts'
import type { CheckedOptions } from '../shutdown/options/check-options.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'
import type { DeadlineWatchdog } from '../shutdown/shutdown-setup.ts'

export interface ExitWatch {
  readonly options: CheckedOptions
  readonly threads: ReturnType<typeof watchWorkerThreads>
  readonly story: ShutdownStory
  readonly watchdog: DeadlineWatchdog
  readonly publish: (report: Report) => void
  readonly look: () => Waiting
  readonly deadline: Deadline
}

/**
 * While a shutdown runs: says on a terminal what it waits for, holds the exit against threads that never end, and has the
 * last word where somebody else ends the process. `unwatch` is for the end of the phases, `off` for that of the process.
 */
export function watchExit({ options, threads, story, watchdog, publish, look, deadline }: ExitWatch): {
  readonly off: () => void
  readonly unwatch: () => void
} {
  const inThread = inWorkerThread()
  const stopProgress = !inThread && onTerminal(2) ? startProgress(process.stderr, look) : () => {}
  const offs: (() => void)[] = []
  if (!inThread) {
    const leftMs = (): number => deadline.at + (deadline.reserveMs * 3) / 4 - monotonicNow()
    offs.push(certainExit({ workers: () => threads.running(), leftMs, reportFile: options.reportFile }))
  }
  offs.push(
    onForeignExit(
      // With `exit: false` the code is the app's as soon as the report is out.
      (by) => (options.exit === false && story.state === 'stopped' ? undefined : story.interrupted(by)),
      (report) => {
        stopProgress()
        watchdog.lastWord(report.exitCode ?? 0, () => publish(report))
      },
    ),
  )
  const off = (): void => {
    for (const each of offs) each()
  }
  return { off, unwatch: stopProgress }
}
