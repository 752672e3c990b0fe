import type { TreeNews } from '../../process-tree/owned/told-trees.ts'
import { GuardLife } from './guard-life.ts'
import type { TreeBook } from './tree-book.ts'

/**
 * Nobody that we supervise outlives us, SIGKILL included: a process in a session of its own reads a pipe from us, and
 * the end of that pipe is our end, however we came to it. It starts with the first child and ends with us.
 */
export class Guard {
  readonly #life: GuardLife

  /** It is told what the book says, a line of JSON each. */
  constructor(book: TreeBook) {
    const write = (news: TreeNews): void => this.#life.write(`${JSON.stringify(news)}\n`)
    this.#life = new GuardLife({ isNeeded: () => !book.isEmpty, began: () => book.retell(write) })
    book.read(write)
  }

  /** False once it has turned out that no guard can be had. */
  get exists(): boolean {
    return this.#life.exists
  }

  start(): void {
    this.#life.start()
  }

  /** Nothing is supervised any more: the guard ends. */
  stop(): void {
    this.#life.stop()
  }
}
