import type { Grace } from '../clock/cascade.ts'
import type { Deadline, Now } from '../clock/deadline.ts'
import type { LiveDeadline } from '../clock/live-deadline.ts'
import type { HookList } from '../hooks/hook-list.ts'
import type { Moment } from '../report/build-report.ts'
import type { Change } from '../report/chronicle.ts'
import type { Exit } from '../report/exit-code.ts'
import type { Waiting } from '../report/progress.ts'
import type { Report } from '../report/report.ts'
import type { SecondSignal } from './second-signal.ts'

/** What a shutdown is built with. */
export interface ShutdownSetup {
  readonly hooks: HookList
  readonly grace: Grace
  readonly secondSignal: SecondSignal
  readonly now: Now
  /** Aborted at the end of drain; tracked work may abort it a little earlier. */
  readonly cutoff: { abort(): void }
  readonly foreignListeners: () => Report['foreignListeners']
  /** What is around us at this moment. */
  readonly around: (ended: Report['ended']) => Pick<Moment, 'openHandles' | 'orphans'>
  /** The report as it stands, at the begin and at the end. */
  readonly publish: (report: Report, deadline: Deadline) => void
  /** What the process does when everything is over; with `exit: false` nothing. */
  readonly leave: (exit: Exit, report: Report, deadline: Deadline) => Promise<void>
  readonly watchdog: DeadlineWatchdog
  /** Called when the phases begin, with a look at what runs; returns what ends it. */
  readonly watch: (look: () => Waiting, deadline: Deadline) => () => void
}

/** Holds the deadline when JavaScript cannot. */
export interface DeadlineWatchdog {
  heard(change: Change): void
  begun(deadline: LiveDeadline): void
  /** Calls `publish`, which hands out the final report; not where it has begun to tell one itself, and ends the process. */
  lastWord(exitCode: number, publish: () => void): void
  /** Everything is told and written. Resolves when it is gone, where the process goes on. */
  over(): Promise<void>
}
