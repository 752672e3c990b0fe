import type { Worker } from 'node:worker_threads'
import type { Deadline, Now } from '../clock/deadline.ts'
import type { LiveDeadline } from '../clock/live-deadline.ts'
import { debugLog } from '../debug-log.ts'
import type { TreeNews } from '../process-tree/owned/told-trees.ts'
import { clearInterval, hrtime, setImmediate, setInterval, setTimeout } from '../real-time.ts'
import { errorText } from '../report/build-report.ts'
import type { Change } from '../report/chronicle.ts'
import type { WatchdogReport } from '../report/report.ts'
import { startOwnThread } from '../report/worker-threads.ts'
import { SharedState } from './shared-state.ts'
import { BEATS_PER_HEARTBEAT, BEATS_PER_RESERVE } from './vigil.ts'
import type { WatchdogMessage, WatchdogOrders } from './watchdog-message.ts'
import { WATCHDOG_SOURCE } from './watchdog-source.ts'

const debug = debugLog('watchdog')

export interface WatchdogSetup extends Pick<WatchdogOrders, 'heartbeatMs' | 'reportFile' | 'terminationLog' | 'grace'> {
  readonly now: Now
  /** Everything that happened until now. */
  readonly past: () => Iterable<Change>
  /** Tells of each tree that must not outlive us, now and later; returns what ends that. */
  readonly readTrees: (reader: (news: TreeNews) => void) => () => void
  /** It watches, or cannot. */
  readonly stateIs: (state: WatchdogReport) => void
}

/**
 * Without `stdout` and `stderr` Node opens those of the main thread, to hand on what the thread says: up to 2 ms, where
 * nobody has used them yet. It says nothing there.
 */
const THREAD = { eval: true, env: {}, execArgv: [], name: 'lastcall watchdog', stdout: true, stderr: true }

/** Holds the deadline when JavaScript cannot: a thread of its own, told of whatever happens. */
export class Watchdog {
  readonly #setup: WatchdogSetup
  readonly #state = new SharedState()
  #worker: Worker | undefined
  #isImpossible = false
  #beats: NodeJS.Timeout | undefined
  #beatMs = Infinity
  #stopReading = (): void => {}
  #exited: Promise<unknown> = Promise.resolve()

  constructor(setup: WatchdogSetup) {
    this.#setup = setup
  }

  /** Starts the thread, unless it runs already. What it needs comes with its source: nothing is read or preloaded. */
  start(): void {
    if (this.#worker || this.#isImpossible) return
    const { now, heartbeatMs, reportFile, terminationLog, grace, past, readTrees, stateIs } = this.#setup
    const workerData: WatchdogOrders = {
      ...{ state: this.#state.buffer, heartbeatMs, reportFile, terminationLog, grace },
      originNs: hrtime() - BigInt(Math.round(now() * 1e6)),
      // Under the permission model the inspector's connection fails an assertion, which aborts the process.
      inspect: !('permission' in process) || process.permission === undefined,
    }
    let worker: Worker
    try {
      const { Worker } = process.getBuiltinModule('node:worker_threads')
      worker = startOwnThread(() => new Worker(WATCHDOG_SOURCE, { ...THREAD, workerData }))
    } catch (error) {
      this.#isImpossible = true
      stateIs({ state: 'impossible', why: errorText(error).message })
      return
    }
    this.#worker = worker
    worker.unref()
    // Unhandled, it would be an uncaught error of ours.
    worker.on('error', (error) => stateIs({ state: 'impossible', why: errorText(error).message }))
    this.#exited = new Promise((resolve) => worker.once('exit', resolve))
    debug('the thread was started')
    stateIs({ state: 'on' })
    for (const change of past()) this.heard(change)
    this.#stopReading = readTrees((trees) => this.#post({ trees }))
    if (heartbeatMs === undefined) return
    this.#beatEvery(heartbeatMs / BEATS_PER_HEARTBEAT)
    // The app has been loaded when the loop turns for the first time, with either: what blocks from then on is found.
    setTimeout(() => this.#state.beat(now()), 0).unref()
    setImmediate(() => this.#state.beat(now())).unref()
  }

  /** Something happened. */
  heard(change: Change): void {
    if (this.#worker) this.#post({ change: plain(change) })
  }

  /** The shutdown has begun: from now on its deadline is held. */
  begun(deadline: LiveDeadline): void {
    this.start()
    if (!this.#worker) return
    const tell = (): void => {
      this.#state.setDeadline(deadline.at, deadline.reserveMs)
      this.#state.beat(this.#setup.now())
      this.#beatEvery(deadline.reserveMs / BEATS_PER_RESERVE)
    }
    deadline.limit.onMoved(tell)
    tell()
  }

  /** Hands out the final report, unless the thread has begun to: it then ends the process, and this does not return. */
  lastWord(exitCode: number, publish: () => void): void {
    if (this.#worker) this.#state.lastWord.tell(exitCode, publish)
    else publish()
  }

  /** Whether main may end the process for the thread. */
  leaves(): boolean {
    return this.#state.lastWord.leaves()
  }

  /** Resolves when the thread is gone. */
  async over(): Promise<void> {
    clearInterval(this.#beats)
    this.#stopReading()
    this.#state.end()
    // Who waits for `begin` may have nothing else to keep the process alive.
    this.#worker?.ref()
    await this.#exited
  }

  #beatEvery(ms: number): void {
    if (ms >= this.#beatMs) return
    this.#beatMs = ms
    clearInterval(this.#beats)
    this.#beats = setInterval(() => this.#state.beat(this.#setup.now()), Math.max(1, ms)).unref()
  }

  #post(message: WatchdogMessage): void {
    this.#worker?.postMessage(message)
  }
}

/** What can be sent to another thread: what was thrown may be anything, and a deadline lives. */
function plain(change: Change): Change {
  if ('begun' in change) {
    const { error: _, ...reason } = change.begun.reason
    return { begun: { ...change.begun, reason, deadline: fixed(change.begun.deadline) } }
  }
  if ('deadline' in change) return { ...change, deadline: fixed(change.deadline) }
  if ('error' in change) return { ...change, error: errorText(change.error) }
  if (!('outcome' in change) || !('error' in change.outcome)) return change
  return { outcome: { ...change.outcome, error: errorText(change.outcome.error) } }
}

function fixed({ startedAt, at, killAt, reserveMs }: Deadline): Deadline {
  return { startedAt, at, killAt, reserveMs }
}
