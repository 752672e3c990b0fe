import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { deadlineFrom } from '../clock/deadline.ts'
import type { Member } from '../process-tree/members.ts'
import { whySurvives } from '../process-tree/owned/survivor.ts'
import { ToldTrees } from '../process-tree/owned/told-trees.ts'
import { hrtime, sleep } from '../real-time.ts'
import { buildReport } from '../report/build-report.ts'
import { Chronicle } from '../report/chronicle.ts'
import type { BlockedReport, Report } from '../report/report.ts'
import { correctExitCode, writeReportFile } from '../report/report-file.ts'
import { reportLine } from '../report/report-text.ts'
import { TerminationLog } from '../report/termination-log.ts'
import { isDebuggerAttached } from './debugger.ts'
import { codeOfForce, endByForce } from './end-process.ts'
import { type Look, MainView } from './main-view.ts'
import { SharedState } from './shared-state.ts'
import { type Alarm, Vigil } from './vigil.ts'
import type { WatchdogMessage, WatchdogOrders } from './watchdog-message.ts'
import { writeLine } from './write-line.ts'

// The watchdog: a thread that sleeps until the deadline has passed, or main's heart has stopped. It then tells what it
// knows, kills the trees, and ends the process. Bundled into one text, which `watchdog.ts` hands to a new thread.

/** How long main may take to answer when nothing presses. */
const PATIENCE_MS = 250

const orders = workerData as WatchdogOrders
const state = new SharedState(orders.state)
const now = (): number => Number(hrtime() - orders.originNs) / 1e6
const vigil = new Vigil(orders.heartbeatMs)
const chronicle = new Chronicle()
const trees = new ToldTrees()
const terminationLog = orders.terminationLog === undefined ? undefined : new TerminationLog(orders.terminationLog)

void keepWatch()

async function keepWatch(): Promise<void> {
  for (;;) {
    const turn = state.turn
    if (state.isOver) return
    state.sleep(turn, vigil.sleepMs(now(), state))
    if (state.isOver) return
    const alarm = vigil.woke(now(), state)
    listen()
    if (!alarm) {
      if (vigil.isTimeToGetReady(now(), state)) getReady()
      continue
    }
    try {
      await endProcess(alarm)
    } catch {
      // A report that cannot be built, or a disk that fails, must not let anybody live longer.
      endAtOnce()
    }
    // Still here: a debugger holds main, and has all the time that it wants.
    vigil.freshPeriod(now())
  }
}

function listen(): void {
  if (!parentPort) return
  for (;;) {
    const { message } = receiveMessageOnPort(parentPort) ?? {}
    if (!message) return
    const news = message as WatchdogMessage
    if ('change' in news) chronicle.note(news.change)
    else trees.learn(news.trees)
  }
}

/** What runs for the first time is slow, and of a reserve of 200 ms there are 100 for everything. */
function getReady(): void {
  try {
    trees.look()
    reportLine(reportOf({ forMs: 0 }, 1))
  } catch {
    // The same again when it counts: it is then dealt with.
  }
}

/** Returns only where main is held by a debugger. */
async function endProcess(alarm: Alarm): Promise<void> {
  const { told, giveBack } = state.lastWord.take()
  const { at = Infinity, reserveMs = Infinity } = state.deadline ?? {}
  const forMs = Math.round(vigil.blockedMs(now(), state))
  const patienceMs = alarm === 'deadline' ? Math.min(100, reserveMs / 8) : PATIENCE_MS
  const view = orders.inspect ? MainView.open() : undefined
  const looking = view?.look() ?? new Promise<never>(() => {})
  // While main makes up its mind; and should we be ended ourselves, this much has been said.
  if (alarm === 'deadline' && told === undefined) tell({ forMs }, codeOfForce())
  const within = (ms: number): Promise<Look | undefined> => Promise.race([looking, sleep(ms, undefined)])
  let look = await within(patienceMs)
  if (isDebuggerAttached(look?.inspectorUrl)) {
    giveBack()
    return view?.close()
  }

  // What comes after it has to fit in, too.
  const survivors = trees.killAll(Math.max(50, Math.min(5_000, at + reserveMs - now() - patienceMs - 30)))
  look ??= await within(5)
  const blocked = { forMs, ...(state.lastWord.isAwaited ? {} : look?.stack) }
  // An inspector that listens would keep main from ending: it waits for us to leave first.
  const canExit = look !== undefined && look.inspectorUrl === undefined
  if (told === undefined) await writeLine(reportLine(tell(blocked, canExit ? 1 : codeOfForce(), survivors)), patienceMs)
  if (canExit) {
    view?.exit(told ?? 1)
    await sleep(patienceMs)
  }
  const isForced = state.lastWord.forces()
  // Main is leaving. Still here after that, it is held.
  if (!isForced) await sleep(patienceMs)
  if (isForced && told === undefined) tell(blocked, codeOfForce(), survivors)
  else if (orders.reportFile !== undefined) correctExitCode(orders.reportFile, codeOfForce())
  endByForce()
}

function endAtOnce(): void {
  try {
    trees.killAll(50)
  } finally {
    endByForce()
  }
}

function tell(what: BlockedReport, exitCode: number, killed: readonly Member[] = []): Report {
  const survivors = killed.flatMap(({ pid, startTime, comm }) => {
    const why = whySurvives({ pid, startTime })
    return why === undefined ? [] : [{ pid, name: comm, why }]
  })
  const report = reportOf(what, exitCode, survivors)
  if (orders.reportFile !== undefined) writeReportFile(orders.reportFile, report, 'watchdog')
  terminationLog?.tell(reportLine(report))
  return report
}

function reportOf(what: BlockedReport, exitCode: number, survivors: Report['survivors'] = []): Report {
  const facts = { appExitCode: undefined, onTerminal: false }
  if (!chronicle.record(facts)) chronicle.note({ begun: beginning() })
  const record = chronicle.record(facts) as NonNullable<ReturnType<Chronicle['record']>>
  const blocked = { what, exitCode, survivors }
  return buildReport(record, { ended: 'blocked', at: now(), openHandles: [], orphans: undefined, blocked }).report
}

/** Of a shutdown that nobody could begin. */
function beginning() {
  const { grace } = orders
  return {
    reason: { kind: 'blocked' as const },
    grace,
    deadline: deadlineFrom(now(), grace.seconds * 1_000),
    startedDate: new Date(),
    foreignListeners: [],
    faults: [],
  }
}
