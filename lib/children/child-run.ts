import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { readStat } from '../process-tree/find-linux.ts'
import { Members } from '../process-tree/members.ts'
import { type StopResult, stopTree } from '../process-tree/stop.ts'

/** How a child process itself ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One life of a child: from a start to the end of its whole tree. */
export class ChildRun {
  readonly process: ChildProcess
  readonly members: Members
  readonly startedAt: number
  /** Of the child itself; its tree may live on. */
  readonly end: Promise<ChildEnd>
  #ended: ChildEnd | undefined

  constructor(process: ChildProcess, cookie: string, startedAt: number) {
    this.process = process
    this.startedAt = startedAt
    const pid = process.pid as number
    // The child cannot be reaped before libuv has a turn, so its stat is there, if only as that of a zombie.
    this.members = new Members(readStat(pid) ?? { pid, startTime: 0 }, { cookie, ownGroup: true })
    this.end = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.#ended = { code, signal }
        resolve(this.#ended)
      })
    })
  }

  /** Undefined while it lives. */
  get ended(): ChildEnd | undefined {
    return this.#ended
  }

  /** Ends the whole tree, and proves it empty. */
  async stop(signal: NodeJS.Signals, timeoutMs: number, kill: AbortSignal): Promise<StopResult> {
    const result = await stopTree(this.members, { signal, timeoutMs, kill })
    if (result.survivors.length === 0) await this.end
    return result
  }
}

/** Its own code, or 128 + n as a shell reports it. */
export function exitCodeOf({ code, signal }: ChildEnd): number {
  if (code !== null) return code
  return signal ? 128 + constants.signals[signal] : 1
}
