import { debugLog } from '../../debug-log.ts'
import { clearInterval, performance, setImmediate, setInterval } from '../../real-time.ts'
import { fromProc, type ProcessStat, readStat, statsNewestFirst } from '../find-linux.ts'
import { type ProcessId, processKey } from '../process-id.ts'
import { type ExactWait, exactWait } from './exact-wait.ts'

const log = debugLog('reap')

/** What became of the orphans that the kernel has handed to us. */
export interface OrphansFound {
  /** `nobody`: Node waits for its own children only. */
  readonly reapedBy: 'koffi' | 'nobody'
  readonly reaped: number
  /** Ended, and still in the process table. */
  readonly zombies: number
}

export interface OrphansSetup {
  /** Called once, when somebody has been a zombie for seconds and nothing can be done about it. */
  readonly warn: (zombies: number) => void
  /** @default 1000 */
  readonly everyMs?: number
  /** @default 5000 */
  readonly warnAfterMs?: number
}

/**
 * PID 1 has to wait for every orphan of its namespace, and Node waits for its own children alone: whoever else has ended
 * stays a zombie. Looks once a second, and reaps those by pid where `koffi` is installed.
 */
export class Orphans {
  readonly #setup: Required<OrphansSetup>
  /** Zombies of ours, and when each was first seen. */
  #zombies = new Map<string, { readonly stat: ProcessStat; readonly sinceMs: number }>()
  /** Undefined until there is somebody to reap: koffi takes 10 ms to load. */
  #wait: ExactWait | 'none' | undefined
  #reaped = 0
  #hasWarned = false
  readonly #timer: NodeJS.Timeout

  constructor({ warn, everyMs = 1_000, warnAfterMs = 5_000 }: OrphansSetup) {
    this.#setup = { warn, everyMs, warnAfterMs }
    this.#timer = setInterval(() => this.look(), everyMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** As of the last look. */
  found(): OrphansFound {
    return { reapedBy: this.#canWait() ? 'koffi' : 'nobody', reaped: this.#reaped, zombies: this.#zombies.size }
  }

  /**
   * A child of Node's own is a zombie, too, until the event loop has turned. So nobody is touched who has not been seen a
   * second ago, and only after the loop has looked for signals once more: after this, only orphans are left.
   */
  look(): void {
    const now = performance.now()
    const before = this.#zombies
    this.#zombies = new Map()
    for (const stat of ourChildren()) {
      // Z with threads: only its main thread has ended.
      if (stat.state !== 'Z' || stat.threads > 1) continue
      const key = processKey(stat)
      this.#zombies.set(key, before.get(key) ?? { stat, sinceMs: now })
    }
    const old = [...this.#zombies.values()].filter(({ sinceMs }) => now - sinceMs >= this.#setup.everyMs / 2)
    if (old.length > 0) setImmediate(() => this.#end(old.map(({ stat }) => stat)))
  }

  #end(zombies: readonly ProcessStat[]): void {
    this.#wait ??= exactWait() ?? 'none'
    if (this.#wait === 'none') this.#complain()
    else this.#reap(this.#wait, zombies)
  }

  #reap(wait: ExactWait, zombies: readonly ProcessStat[]): void {
    for (const { pid, startTime } of zombies) {
      if (!isOurZombie({ pid, startTime }) || !wait(pid)) continue
      this.#reaped++
      this.#zombies.delete(processKey({ pid, startTime }))
      log('reaped %d', pid)
    }
  }

  #complain(): void {
    if (this.#hasWarned) return
    const now = performance.now()
    const lasting = [...this.#zombies.values()].filter(({ sinceMs }) => now - sinceMs >= this.#setup.warnAfterMs)
    if (lasting.length === 0) return
    this.#hasWarned = true
    this.#setup.warn(this.#zombies.size)
  }

  #canWait(): boolean {
    return this.#wait !== undefined && this.#wait !== 'none'
  }
}

/** The kernel hands orphans to our main thread, whose children it lists where it was built with that. */
function* ourChildren(): Generator<ProcessStat> {
  const listed = fromProc(`/proc/self/task/${process.pid}/children`)
  if (listed === undefined) {
    for (const stat of statsNewestFirst()) if (stat?.ppid === process.pid) yield stat
    return
  }
  for (const pid of listed.split(' ')) {
    const stat = pid === '' ? undefined : readStat(Number(pid))
    if (stat) yield stat
  }
}

function isOurZombie({ pid, startTime }: ProcessId): boolean {
  const stat = readStat(pid)
  return stat !== undefined && stat.startTime === startTime && stat.state === 'Z' && stat.ppid === process.pid
}
