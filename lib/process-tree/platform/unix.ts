import { LastcallError } from '../../errors.ts'
import { performance, sleep } from '../../real-time.ts'
import type { KillTreeResult, ToldProcess } from '../kill-tree.ts'
import type { TreeProcess } from '../list-tree.ts'
import { noSuchProcess, recycled } from '../process-id.ts'
import type { Platform, Root } from './platform.ts'
import { type PsProcess, psFailed, readPs, samePsProcess } from './ps.ts'

interface Pair {
  readonly pid: number
  readonly ppid: number
}

/** Until nobody new is found; each is a start of `ps`, and a tree that forks faster than that cannot be held so. */
const FREEZE_ROUNDS = 20
const KILL_LIMIT_MS = 5_000

/** macOS and other Unixes: `pidtree` says who descends from whom, `ps` when each began. Signals go to everybody. */
export const unix: Platform = {
  list: (root) => new PsTree(root).list(),
  kill: (root, _cookie, signal, graceMs) => new PsTree(root).kill(signal, graceMs),
  killSync() {
    throw new LastcallError('ERR_LASTCALL_PROCESS', 'killTreeSync works on Linux only. Use killTree.')
  },
}

/** A tree, remembered from list to list, since an orphan cannot be found by descent. */
class PsTree {
  readonly #root: Root
  readonly #known = new Map<number, TreeProcess>()
  #seen = 0

  constructor(root: Root) {
    this.#root = root
  }

  async list(): Promise<TreeProcess[]> {
    await this.#read(true)
    return [...this.#known.values()].sort((a, b) => a.startTime - b.startTime || a.pid - b.pid)
  }

  async kill(signal: NodeJS.Signals, graceMs: number): Promise<KillTreeResult> {
    if (this.#root.pid === 1 && process.pid !== 1) {
      throw new LastcallError('ERR_LASTCALL_PROCESS', 'PID 1 is the whole system. Name a process below it.')
    }
    const startedAt = performance.now()
    const told: ToldProcess[] = []
    const denied = new Set<number>()
    await this.#read(true)
    if (signal !== 'SIGKILL' && graceMs > 0) {
      for (const one of this.#living()) {
        if (!send(one, signal)) denied.add(one.pid)
        else
          told.push({ pid: one.pid, startTime: one.startTime, command: one.command, signal, atMs: elapsed(startedAt) })
      }
      await this.#waitUntilGone(denied, startedAt + graceMs)
    }
    const ended = this.#seen - this.#living().length
    for (let round = 0, fresh = 1; fresh > 0 && round < FREEZE_ROUNDS; round++) {
      for (const one of this.#living()) if (one.state !== 'T' && !send(one, 'SIGSTOP')) denied.add(one.pid)
      fresh = await this.#read(false)
    }
    for (const one of this.#living()) if (!send(one, 'SIGKILL')) denied.add(one.pid)
    await this.#waitUntilGone(denied, performance.now() + KILL_LIMIT_MS)
    const survivors = this.#living()
    return {
      told,
      ended,
      killed: this.#seen - ended - survivors.length,
      survivors,
      denied: survivors.filter((one) => denied.has(one.pid)),
      durationMs: elapsed(startedAt),
    }
  }

  async #waitUntilGone(denied: Set<number>, until: number): Promise<void> {
    while (this.#living().some((one) => !denied.has(one.pid)) && performance.now() < until) {
      await sleep(20)
      await this.#read(false)
    }
  }

  #living(): TreeProcess[] {
    return [...this.#known.values()].filter((one) => one.state !== 'Z').reverse()
  }

  /** Returns how many are new. */
  async #read(first: boolean): Promise<number> {
    // Loaded where it is used: Linux never needs it.
    const { default: pidtree } = await import('pidtree')
    const pairs = await pidtree(-1, { advanced: true }).catch((error) => {
      throw psFailed(error)
    })
    // Asked second, so that no ps of ours is in both lists.
    const all = await readPs()
    if (first) this.#checkRoot(all)
    for (const [pid, known] of this.#known) {
      const now = all.get(pid)
      if (now && samePsProcess(now, known)) this.#known.set(pid, { ...known, state: now.state })
      else this.#known.delete(pid)
    }
    let fresh = 0
    // An orphan's children are found below it, and no longer below the root.
    for (const { pid, ppid } of descendants(pairs, [this.#root.pid, ...this.#known.keys()])) {
      const now = all.get(pid)
      if (!now || this.#known.has(pid) || pid === process.pid) continue
      if (pid === this.#root.pid && !this.#isRoot(now)) continue
      this.#known.set(pid, { ...now, ppid, foundBy: pid === this.#root.pid ? 'root' : 'descent' })
      this.#seen++
      fresh++
    }
    return fresh
  }

  #checkRoot(all: Map<number, PsProcess>): void {
    const now = all.get(this.#root.pid)
    if (!now) throw noSuchProcess(this.#root.pid)
    if (!this.#isRoot(now)) throw recycled(this.#root.pid)
  }

  #isRoot(now: PsProcess): boolean {
    return this.#root.startTime === undefined || samePsProcess(now, { startTime: this.#root.startTime })
  }
}

function descendants(pairs: readonly Pair[], from: readonly number[]): Pair[] {
  const children = new Map<number, Pair[]>()
  for (const pair of pairs) children.set(pair.ppid, [...(children.get(pair.ppid) ?? []), pair])
  const found = pairs.filter(({ pid }) => from.includes(pid))
  const seen = new Set(found)
  for (const { pid } of found) {
    for (const child of children.get(pid) ?? []) {
      if (seen.has(child)) continue
      seen.add(child)
      found.push(child)
    }
  }
  return found
}

/** False where we may not. */
function send(to: TreeProcess, signal: NodeJS.Signals): boolean {
  try {
    process.kill(to.pid, signal)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM'
  }
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since)
}
