import type { RestartPolicy } from '../restart.ts'

/**
 * When a child counts as ready: started; `process.send('ready')`; a newline on a descriptor, as for s6; a TCP port that
 * accepts; a URL that answers 2xx or 3xx; a line of its output that holds the text or matches.
 */
export type Readiness =
  | 'spawn'
  | 'ipc'
  | { readonly fd: number }
  | { readonly port: number; readonly host?: string }
  | { readonly http: string }
  | { readonly line: string | RegExp }

/** Takes each whole line that a child writes. While a promise that it answers with is pending, the child's output waits. */
export type LineReader = (line: string, stream: 'stdout' | 'stderr') => unknown

/** How a child is started, when it is ready, and how it ends. */
export interface SuperviseOptions {
  /**
   * When it is started again after it has ended: `never`; `on-failure`, after a code other than 0, a signal that we did
   * not send, or when it was not ready in time; `always`. The delay is 100 ms, doubles to 30 s, and begins anew after a
   * stable run; five ends within 60 s are too many.
   * @default 'on-failure'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly restart?: RestartPolicy
  /**
   * Whether its end, once the policy has no restart left, begins the shutdown; its exit code is then ours.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly significant?: boolean
  /**
   * Called instead of the shutdown when the child is out of restarts.
   * @default begins the shutdown, exit code 1
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly onGiveUp?: (child: { readonly name: string; readonly restarts: number }) => void
  /**
   * When it counts as ready.
   * @default 'spawn'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly ready?: Readiness
  /**
   * How long it may take to be ready, in milliseconds. At the limit it is stopped, which counts as a failure.
   * @default 30000
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly readyTimeoutMs?: number
  /**
   * Names of children that are ready before this one starts, and stop after it.
   * @default []
   * @throws {LastcallError} ERR_LASTCALL_AFTER when a name is not that of a child, ERR_LASTCALL_CYCLE
   */
  readonly after?: readonly string[]
  /**
   * What it is told to stop with.
   * @default 'SIGTERM'
   * @throws {LastcallError} ERR_LASTCALL_SIGNAL, ERR_LASTCALL_OPTION
   */
  readonly stopSignal?: NodeJS.Signals
  /**
   * How long it may take to stop, in milliseconds; then SIGKILL, to its whole tree. More than the phase has left counts
   * as what it has left. `report.children[n].killed` tells.
   * @default what the phase has left
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is not a number above 0
   */
  readonly stopTimeoutMs?: number
  /**
   * Names of launchers in its tree that take the stop signal and pass it to nobody: their children are told instead.
   * @default []
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly stepOver?: readonly string[]
  /**
   * Where its output goes: `prefix`, whole lines with its name before them; `inherit`, our own streams as they are;
   * `ignore`; or a function for each line.
   * @default 'prefix'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly output?: 'prefix' | 'inherit' | 'ignore' | LineReader
  /**
   * Its standard input: none, ours, or `child.stdin`.
   * @default 'ignore'
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly stdin?: 'ignore' | 'inherit' | 'pipe'
  /**
   * A channel for `send` and the event `message`; only for Node programs.
   * @default true where `ready` is `'ipc'`, else false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly ipc?: boolean
  /**
   * Whether the command is a string for `sh -c`.
   * @default false
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly shell?: boolean
  /**
   * Its working directory.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION when it is no folder
   */
  readonly cwd?: string
  /**
   * Its environment, as a whole; but TERMINATION_GRACE_PERIOD_SECONDS is its own stop time, and what lastcall itself needs
   * is added. Its PATH is where the program is looked for.
   * @default process.env
   * @throws {LastcallError} ERR_LASTCALL_OPTION
   */
  readonly env?: NodeJS.ProcessEnv
  /**
   * The user that it runs as. Such a child may be out of reach for a service that is not root.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION without the right to
   */
  readonly uid?: number
  /**
   * The group that it runs as.
   * @default that of the service
   * @throws {LastcallError} ERR_LASTCALL_OPTION without the right to
   */
  readonly gid?: number
}
