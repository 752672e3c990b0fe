import type { Writable } from 'node:stream'
import type { ChildEvent, ChildState } from './child-events.ts'
import type { ChildStop } from './child-host.ts'

/** The handle of a supervised child. */
export interface Child extends AsyncIterable<ChildEvent> {
  /** As it was given to `supervise`; the report has it, too. */
  readonly name: string
  /** Undefined while nothing runs. */
  readonly pid: number | undefined
  /** Where in its life it is. */
  readonly state: ChildState
  /** How often it was started again. */
  readonly restarts: number
  /** Resolves when it is ready for the first time; rejects with ERR_LASTCALL_CHILD when it ends for good before that, ERR_LASTCALL_STOPPING when it was stopped. */
  readonly ready: Promise<void>
  /** With `stdin: 'pipe'`, of the process that runs now. */
  readonly stdin: Writable | null
  /** Stops it for good, its whole tree; within `stopTimeoutMs`, else 10 s, then SIGKILL. */
  stop(): Promise<ChildStop>
  /**
   * Stops it, starts it again at once, and resolves when it is ready. It counts as no failure.
   * @throws {LastcallError} ERR_LASTCALL_STOPPING when it has ended for good, or does so before it is ready
   */
  restart(): Promise<void>
  /** SIGKILL to its whole tree, now. As after any end, the restart policy decides what follows. */
  kill(): Promise<void>
  /** Sends a message over `ipc`; false where there is no channel, or it is full. */
  send(message: unknown): boolean
  /** Calls `listener` with every event of that type, and returns what takes it off. */
  on<T extends ChildEvent['type']>(type: T, listener: (event: Extract<ChildEvent, { type: T }>) => void): () => void
}
