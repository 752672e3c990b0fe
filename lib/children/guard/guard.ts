import type { Member } from '../../process-tree/members.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import { seesProcesses } from '../../process-tree/without-proc.ts'
import { GuardLife } from './guard-life.ts'
import type { OwnedTree } from './owned-tree.ts'

/** What the guard is told, a line of JSON each. */
export type GuardMessage =
  | {
      readonly tree: number
      readonly root: ProcessId
      readonly cookie: string | undefined
      readonly leadsGroup: boolean
    }
  | { readonly tree: number; readonly member: ProcessId }
  | { readonly over: number }

/**
 * Nobody that we supervise outlives us, SIGKILL included: a process in a session of its own reads a pipe from us, and
 * the end of that pipe is our end, however we came to it. It starts with the first child and ends with us.
 */
export class Guard {
  /** By number: what the guard calls them. */
  readonly #trees = new Map<OwnedTree, number>()
  readonly #life = new GuardLife({
    isNeeded: () => this.#trees.size > 0,
    began: () => this.#tellAll(),
  })
  #lastId = 0

  /** False once it has turned out that no guard can be had. */
  get exists(): boolean {
    return this.#life.exists
  }

  watch(run: OwnedTree): void {
    this.#life.start()
    this.#trees.set(run, ++this.#lastId)
    this.#tell(run)
  }

  /** A member that was seen: should it detach and hide its mark, the guard knows it all the same. */
  remember(run: OwnedTree, { pid, startTime }: Member): void {
    const tree = this.#trees.get(run)
    if (tree !== undefined && pid !== run.members.root.pid) this.#write({ tree, member: { pid, startTime } })
  }

  forget(run: OwnedTree): void {
    const tree = this.#trees.get(run)
    if (tree === undefined) return
    this.#trees.delete(run)
    this.#write({ over: tree })
  }

  /** Nothing is supervised any more: the guard ends. */
  stop(): void {
    this.#life.stop()
  }

  #tellAll(): void {
    for (const run of this.#trees.keys()) {
      this.#tell(run)
      if (seesProcesses()) for (const member of run.members.scan()) this.remember(run, member)
    }
  }

  #tell(run: OwnedTree): void {
    const { root, cookie, leadsGroup } = run.members
    const tree = this.#trees.get(run)
    if (tree !== undefined) this.#write({ tree, root, cookie, leadsGroup })
  }

  #write(message: GuardMessage): void {
    this.#life.write(`${JSON.stringify(message)}\n`)
  }
}
