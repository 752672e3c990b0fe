import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LastcallError } from '../errors.ts'
import { badOption, checkKeys, checkOneOf, show } from '../options.ts'
import type { Report } from '../report/report.ts'
import { TERMINATION_LOG } from '../report/termination-log.ts'
import type { ExitMode } from './exit.ts'
import type { SecondSignal } from './second-signal.ts'
import { checkSignals, DEFAULT_SIGNALS, YIELDING_SIGNALS } from './signals.ts'

/** The options of `createShutdown`; none has to be given. */
export interface ShutdownOptions {
  /**
   * The pod's `terminationGracePeriodSeconds`: seconds from SIGTERM to SIGKILL, at least 1. Every hook has ended by
   * this less the reserve; `report.clock` shows it. Below another lastcall it may shorten what that one grants, and never
   * lengthens it.
   * @default the environment variable TERMINATION_GRACE_PERIOD_SECONDS, else 30
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of at least 1
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  readonly terminationGracePeriodSeconds?: number
  /**
   * The signals that begin the shutdown. Of the defaults, SIGHUP is left to the app where it listens to it itself.
   * @default ['SIGTERM', 'SIGINT', 'SIGHUP']
   * @throws {LastcallError} ERR_LASTCALL_SIGNAL for a signal that cannot, ERR_LASTCALL_OPTION for a word that is none
   */
  readonly signals?: readonly NodeJS.Signals[]
  /**
   * Whether an uncaught error begins the shutdown: `auto` where the app has no `uncaughtException` listener of its own,
   * `always`, or `never`. Its stack is printed, `report.errors` has it, and the exit code is 1.
   * @default 'auto'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly errors?: 'auto' | 'always' | 'never'
  /**
   * What forces the exit while stopping: `auto`, a second SIGINT over 500 ms after the first; `force`, any signal over
   * 500 ms after the last; `ignore`, none. Forced, `report.ended` is `'forced'` and the exit code is 128 + n.
   * @default 'auto'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly secondSignal?: SecondSignal
  /**
   * Whether the end of the IPC channel to a parent that forked us begins the shutdown, whichever side ends it. A lastcall
   * above needs none of it: the end of its line is noticed in any case. In a worker of a cluster, Node else exits at once.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly disconnect?: boolean
  /**
   * How the process ends: `true`, with an exit code; `'signal'`, by the signal that began it where the code would be
   * 0; `false`, not at all: then `begin` resolves, and the process is the app's again.
   * @default true
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly exit?: ExitMode
  /**
   * A file for the report as JSON: written when the shutdown begins (`ended: 'in progress'`), replaced at its end.
   * @default none
   * @throws {LastcallError} ERR_LASTCALL_OPTION when its folder cannot be written to
   */
  readonly reportFile?: string
  /**
   * The pod's `terminationMessagePath`, where it sets one: at the end the line of the report is put on top of what is
   * there, at most 2,048 bytes in all. `false` leaves the file alone. A file that cannot be written costs nothing.
   * @default '/dev/termination-log' where that exists; none in a worker thread
   * @throws {LastcallError} ERR_LASTCALL_OPTION when its folder cannot be written to
   */
  readonly terminationLog?: string | false
  /**
   * Takes the report at the end, as one line for people and as an object.
   * @default writes the line to stderr
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a function
   */
  readonly logger?: (line: string, report: Report) => void
  /**
   * Whether a guard process starts with the first supervised child, so that nobody of its tree outlives us, even when we
   * are killed by SIGKILL. Without it, where the program `setpriv` exists, the kernel kills direct children alone.
   * @default true
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly guard?: boolean
  /**
   * Whether a thread holds the deadline when the event loop is blocked: it starts with the shutdown. With `heartbeatMs` it
   * starts now, and a loop that is blocked for longer ends the process at any time. `report.blocked` says where.
   * @default true
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly watchdog?: boolean | WatchdogOptions
}

/** The options of the watchdog. */
export interface WatchdogOptions {
  /**
   * How long the event loop may be blocked, in milliseconds, at least 100. Blocked for longer, the process ends as at its
   * deadline: trees killed, and a report whose `ended` is `'blocked'`. A suspended machine, SIGSTOP and a debugger do not
   * count.
   * @default none: only a shutdown is watched
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of at least 100
   */
  readonly heartbeatMs?: number
}

/** @internal The options, checked and complete. */
export interface CheckedOptions {
  readonly signals: readonly NodeJS.Signals[]
  readonly yielding: readonly NodeJS.Signals[]
  readonly errors: 'auto' | 'always' | 'never'
  readonly secondSignal: SecondSignal
  readonly disconnect: boolean
  readonly exit: ExitMode
  readonly reportFile: string | undefined
  readonly terminationLog: string | undefined
  readonly logger: ((line: string, report: Report) => void) | undefined
  readonly guard: boolean
  /** Undefined: none. */
  readonly watchdog: WatchdogOptions | undefined
}

const KNOWN = [
  'terminationGracePeriodSeconds',
  'signals',
  'errors',
  'secondSignal',
  'disconnect',
  'exit',
  'reportFile',
  'terminationLog',
  'logger',
  'guard',
  'watchdog',
]

/** @internal */
export function checkOptions(options: ShutdownOptions): CheckedOptions {
  checkKeys('createShutdown', options, KNOWN)
  const {
    signals,
    errors = 'auto',
    secondSignal = 'auto',
    disconnect = false,
    exit = true,
    reportFile,
    terminationLog = TERMINATION_LOG,
    logger,
    guard = true,
  } = options
  checkOneOf('errors', errors, ['auto', 'always', 'never'])
  checkOneOf('secondSignal', secondSignal, ['auto', 'force', 'ignore'])
  checkOneOf('disconnect', disconnect, [true, false])
  checkOneOf('exit', exit, [true, false, 'signal'])
  checkOneOf('guard', guard, [true, false])
  if (logger !== undefined && typeof logger !== 'function') {
    throw badOption('logger', 'a function', logger, 'Write logger: (line) => log.info(line).')
  }
  const files = checkFiles(reportFile, terminationLog)
  return {
    signals: signals === undefined ? DEFAULT_SIGNALS : checkSignals(signals),
    yielding: signals === undefined ? YIELDING_SIGNALS : [],
    errors,
    secondSignal,
    disconnect,
    exit,
    ...files,
    logger,
    guard,
    watchdog: checkWatchdog(options.watchdog),
  }
}

function checkFiles(
  given: string | undefined,
  log: string | false,
): Pick<CheckedOptions, 'reportFile' | 'terminationLog'> {
  const reportFile = given === undefined ? undefined : checkFile('reportFile', given, '/var/run/app/lastcall.json')
  const terminationLog = checkTerminationLog(log)
  if (reportFile === undefined || reportFile !== terminationLog) return { reportFile, terminationLog }
  const rule = 'another file than terminationLog, which is one line for people'
  throw badOption('reportFile', rule, given, "Write reportFile: '/var/run/app/lastcall.json'.")
}

/** Shorter, a garbage collection is a block. And the longest that a timer can be. */
const SHORTEST_HEARTBEAT_MS = 100
const LONGEST_HEARTBEAT_MS = 2 ** 31 - 1

function checkWatchdog(watchdog: unknown = true): WatchdogOptions | undefined {
  if (typeof watchdog === 'boolean') return watchdog ? {} : undefined
  if (watchdog === null || typeof watchdog !== 'object') {
    throw badOption('watchdog', 'true, false or { heartbeatMs }', watchdog, 'Write watchdog: { heartbeatMs: 10_000 }.')
  }
  checkKeys('watchdog', watchdog, ['heartbeatMs'])
  const { heartbeatMs } = watchdog as WatchdogOptions
  if (heartbeatMs === undefined) return {}
  if (
    !(typeof heartbeatMs === 'number' && heartbeatMs >= SHORTEST_HEARTBEAT_MS && heartbeatMs <= LONGEST_HEARTBEAT_MS)
  ) {
    const rule = `a number of milliseconds from ${SHORTEST_HEARTBEAT_MS} to ${LONGEST_HEARTBEAT_MS}`
    throw badOption('watchdog.heartbeatMs', rule, heartbeatMs, 'Write 10_000.')
  }
  return { heartbeatMs }
}

function checkTerminationLog(path: unknown): string | undefined {
  if (path === false) return undefined
  // The usual one need not be there: then there is no pod.
  return path === TERMINATION_LOG ? path : checkFile('terminationLog', path, TERMINATION_LOG, ' or false')
}

/** Absolute, since the app may change its working directory before the shutdown. */
function checkFile(option: string, path: unknown, example: string, orElse = ''): string {
  if (typeof path !== 'string' || path === '') {
    throw badOption(option, `a path${orElse}`, path, `Write '${example}'.`)
  }
  const file = resolve(path)
  try {
    // A file that is mounted by itself may lie in a read-only folder.
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK)
  } catch (cause) {
    const why = `option ${option} must name a file in a folder that can be written to, got ${show(path)}. Create ${dirname(file)}.`
    throw new LastcallError('ERR_LASTCALL_OPTION', why, { cause })
  }
  return file
}

/** @internal Whether two calls of createShutdown asked for the same. */
export function sameOptions(a: object, b: object): boolean {
  const plain = (options: object): string =>
    JSON.stringify(Object.entries(options).sort(([x], [y]) => (x < y ? -1 : 1)))
  const functions = (options: object): unknown[] =>
    Object.values(options).filter((value) => typeof value === 'function')
  return plain(a) === plain(b) && functions(a).every((f, i) => f === functions(b)[i])
}
