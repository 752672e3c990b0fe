import { readStat } from '../find-linux.ts'
import { killMembersSync } from '../kill.ts'
import { type Member, Members } from '../members.ts'
import type { ProcessId } from '../process-id.ts'
import { seesProcesses } from '../without-proc.ts'

/** What somebody is told who is to kill the trees in our place: plain data, for a pipe or for a thread. */
export type TreeNews =
  | {
      readonly tree: number
      readonly root: ProcessId
      readonly cookie: string | undefined
      readonly leadsGroup: boolean
    }
  | { readonly tree: number; readonly member: ProcessId }
  | { readonly over: number }

/** The trees as they were told. */
export class ToldTrees {
  readonly #trees = new Map<number, Members>()

  learn(news: TreeNews): void {
    if ('over' in news) this.#trees.delete(news.over)
    else if ('root' in news) {
      this.#trees.set(news.tree, new Members(news.root, { cookie: news.cookie, ownGroup: news.leadsGroup }))
    } else {
      const members = this.#trees.get(news.tree)
      // As it is now, and only where it is still the same process.
      const stat = readStat(news.member.pid)
      if (members && stat?.startTime === news.member.startTime) members.adopt(stat)
    }
  }

  /** Sees who belongs to them: the first reading of /proc is the slowest. */
  look(): void {
    if (seesProcesses()) for (const members of this.#trees.values()) members.scan()
  }

  /** SIGKILL to everybody, one tree after the other; returns who is still there. `limitMs` holds for each tree. */
  killAll(limitMs?: number): readonly Member[] {
    return [...this.#trees.values()].flatMap(
      (members) => killMembersSync(members, limitMs === undefined ? {} : { limitMs }).survivors,
    )
  }
}
