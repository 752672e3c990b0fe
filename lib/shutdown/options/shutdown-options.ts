import type { PodOptions } from '../../kubernetes/pod/pod-options.ts'
import type { ReadinessPolicy } from '../../probes/readiness-policy.ts'
import type { Report } from '../../report/report.ts'
import type { LameDuckWish } from '../../serving/lame-duck/options.ts'
import type { ExitMode } from '../exit.ts'
import type { SecondSignal } from '../second-signal.ts'

/** The options of `createShutdown`; none has to be given. */
export interface ShutdownOptions extends LameDuckWish {
  /**
   * The pod's `terminationGracePeriodSeconds`: seconds from SIGTERM to SIGKILL, at least 1. Every hook has ended by
   * this less the reserve; `report.clock` shows it. Below another lastcall it may shorten what that one grants, and never
   * lengthens it.
   * @default the environment variable TERMINATION_GRACE_PERIOD_SECONDS, else gracePeriodFile, the platform's own, or 30
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of at least 1
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   */
  readonly terminationGracePeriodSeconds?: number
  /**
   * A file of the downward API with the grace period in seconds, where neither the option nor the variable says it: the
   * value of one annotation, or all annotations with a `…/termination-grace-period-seconds="60"` among them. A file that is
   * absent, or says something else, is said once on stderr, and is in `report.clock.ignored`.
   * @default none
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a path
   */
  readonly gracePeriodFile?: string
  /**
   * Seconds that the pod's own `lifecycle.preStop` hook takes before the signal, of the same grace period: `sleep: 5` in the
   * manifest is 5 here. A shutdown that a signal begins has so much less, and at least 2 s, which is what the kubelet
   * leaves; `report.clock.preStopSeconds` shows it.
   * @default 0
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number of at least 0, or not less than the grace period given as option
   */
  readonly preStopSeconds?: number
  /**
   * Whether the API server is asked for our own pod when the shutdown begins: once, and nothing waits for the answer. It
   * knows the real deadline of `kubectl delete --grace-period` and of evictions. Needs a Role; `report.pod` tells.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly pod?: boolean | PodOptions
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
   * What `/readyz` says while stopping: `fail`, 503 from the first moment; `keep`, what it said before; `auto`, 503, but in
   * a cluster, where the pod is deleted or a signal lets assume it, what it said before, until drain is over.
   * @default 'auto'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly readiness?: ReadinessPolicy
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
