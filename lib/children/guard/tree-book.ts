import type { TreeNews } from '../../process-tree/owned/told-trees.ts'
import type { ProcessId } from '../../process-tree/process-id.ts'
import type { OwnedTree } from './owned-tree.ts'

/** Hears of every tree and member as they come. */
export type TreeReader = (news: TreeNews) => void

/** The trees that must not outlive us, by number, for everybody who is to kill them in our place. */
export class TreeBook {
  readonly #trees = new Map<OwnedTree, number>()
  readonly #readers = new Set<TreeReader>()
  #last = 0

  get isEmpty(): boolean {
    return this.#trees.size === 0
  }

  add(run: OwnedTree): void {
    const tree = ++this.#last
    this.#trees.set(run, tree)
    this.#tell(treeNews(tree, run))
  }

  /** A member that was seen: should it detach and hide its mark, the readers know it all the same. */
  remember(run: OwnedTree, { pid, startTime }: ProcessId): void {
    const tree = this.#trees.get(run)
    if (tree !== undefined && pid !== run.members.root.pid) this.#tell({ tree, member: { pid, startTime } })
  }

  remove(run: OwnedTree): void {
    const tree = this.#trees.get(run)
    if (tree === undefined) return
    this.#trees.delete(run)
    this.#tell({ over: tree })
  }

  /** Tells a reader all that there is, and from then on what comes; returns what takes it off. */
  read(reader: TreeReader): () => void {
    this.retell(reader)
    this.#readers.add(reader)
    return () => void this.#readers.delete(reader)
  }

  /** Tells a reader all that there is. */
  retell(reader: TreeReader): void {
    for (const [run, tree] of this.#trees) {
      reader(treeNews(tree, run))
      for (const { pid, startTime } of run.members.remembered()) reader({ tree, member: { pid, startTime } })
    }
  }

  #tell(news: TreeNews): void {
    for (const reader of this.#readers) reader(news)
  }
}

function treeNews(tree: number, { members }: OwnedTree): TreeNews {
  const { root, cookie, leadsGroup } = members
  return { tree, root, cookie, leadsGroup }
}
