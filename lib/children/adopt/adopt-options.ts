import type { RestartPolicy } from '../restart.ts'

/** What `adopt` took a thing for. */
export type AdoptedKind = 'process' | 'cluster worker' | 'cluster' | 'thread' | 'pool'

/** How an adopted thing ends. An option that does not fit its kind is an error. */
export interface AdoptOptions {
  /**
   * Names of supervised or adopted children that stop after this one.
   * @default []
   * @throws {LastcallError} ERR_LASTCALL_AFTER when a name is not that of a child, ERR_LASTCALL_CYCLE
   */
  readonly after?: readonly string[]
  /**
   * What processes are told to stop with. For a process, a cluster worker and a cluster.
   * @default 'SIGTERM'
   * @throws {LastcallError} ERR_LASTCALL_SIGNAL, ERR_LASTCALL_OPTION
   */
  readonly stopSignal?: NodeJS.Signals
  /**
   * How long it may take to stop, in milliseconds; then SIGKILL to its whole tree, or the end of its threads. More than
   * the phase has left counts as what it has left. `report.children[n].killed` tells, for a pool `report.tracked.undone`.
   * @default what the phase has left
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly stopTimeoutMs?: number
  /**
   * Whether its end begins the shutdown; its exit code is then ours. For a process, a cluster worker and a thread.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly significant?: boolean
  /**
   * When a worker of a cluster is replaced after it has ended, with the delays and the limit of `supervise`. One that
   * was told to go (`worker.exitedAfterDisconnect`) is not replaced.
   * @default 'on-failure'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly restart?: RestartPolicy
  /**
   * Called instead of the shutdown when a worker of a cluster is out of restarts.
   * @default begins the shutdown, exit code 1
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly onGiveUp?: (child: { readonly name: string; readonly restarts: number }) => void
  /**
   * What a thread without lastcall is told to stop with, by `postMessage`; it is terminated at the limit. Without it
   * such a thread is terminated when it has not answered for 250 ms.
   * @default none
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it cannot be cloned
   */
  readonly message?: unknown
}
