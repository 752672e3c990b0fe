import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LastcallError } from '../../errors.ts'
import { checkPod, type PodOptions } from '../../kubernetes/pod/pod-options.ts'
import { badOption, checkKeys, checkOneOf, show } from '../../options.ts'
import type { ReadinessPolicy } from '../../probes/readiness-policy.ts'
import type { Report } from '../../report/report.ts'
import { TERMINATION_LOG } from '../../report/termination-log.ts'
import { type CheckedLameDuck, checkLameDuck, LAME_DUCK_KEYS } from '../../serving/lame-duck/options.ts'
import type { ExitMode } from '../exit.ts'
import type { SecondSignal } from '../second-signal.ts'
import { checkSignals, DEFAULT_SIGNALS, YIELDING_SIGNALS } from '../triggers/signals.ts'
import type { ShutdownOptions, WatchdogOptions } from './shutdown-options.ts'

/** @internal The options, checked and complete. */
export interface CheckedOptions {
  readonly signals: readonly NodeJS.Signals[]
  readonly yielding: readonly NodeJS.Signals[]
  /** Undefined: it is left alone. */
  readonly pod: Required<PodOptions> | undefined
  readonly errors: 'auto' | 'always' | 'never'
  readonly secondSignal: SecondSignal
  readonly disconnect: boolean
  readonly exit: ExitMode
  readonly reportFile: string | undefined
  readonly terminationLog: string | undefined
  readonly logger: ((line: string, report: Report) => void) | undefined
  readonly readiness: ReadinessPolicy
  readonly guard: boolean
  readonly lameDuck: CheckedLameDuck
  /** Undefined: none. */
  readonly watchdog: WatchdogOptions | undefined
}

const KNOWN = [
  'terminationGracePeriodSeconds',
  'gracePeriodFile',
  'preStopSeconds',
  'pod',
  'signals',
  'errors',
  'secondSignal',
  'disconnect',
  'exit',
  'reportFile',
  'terminationLog',
  'logger',
  'readiness',
  'guard',
  'watchdog',
  ...LAME_DUCK_KEYS,
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
    readiness = 'auto',
    guard = true,
  } = options
  checkOneOf('errors', errors, ['auto', 'always', 'never'])
  checkOneOf('secondSignal', secondSignal, ['auto', 'force', 'ignore'])
  checkOneOf('disconnect', disconnect, [true, false])
  checkOneOf('exit', exit, [true, false, 'signal'])
  checkOneOf('readiness', readiness, ['auto', 'fail', 'keep'])
  checkOneOf('guard', guard, [true, false])
  if (logger !== undefined && typeof logger !== 'function') {
    throw badOption('logger', 'a function', logger, 'Write logger: (line) => log.info(line).')
  }
  const files = checkFiles(reportFile, terminationLog)
  return {
    signals: signals === undefined ? DEFAULT_SIGNALS : checkSignals(signals),
    yielding: signals === undefined ? YIELDING_SIGNALS : [],
    pod: checkPod(options.pod),
    errors,
    secondSignal,
    disconnect,
    exit,
    ...files,
    logger,
    readiness,
    guard,
    lameDuck: checkLameDuck(options),
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
