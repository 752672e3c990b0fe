import { killMembersSync } from '../../process-tree/kill.ts'
import { seesProcesses } from '../../process-tree/without-proc.ts'
import { Guard } from './guard.ts'
import type { OwnedTree } from './owned-tree.ts'
import { RollCall } from './roll-call.ts'
import { TreeBook } from './tree-book.ts'

/** Sees to it that no supervised tree outlives this process, whatever ends it. */
export class NobodyOutlives {
  /** Who of the trees is known, for others that guard them. */
  readonly book = new TreeBook()
  readonly #runs = new Set<OwnedTree>()
  readonly #guard: Guard | undefined
  readonly #rollCall: RollCall

  constructor(options: { readonly guard: boolean }) {
    this.#guard = options.guard ? new Guard(this.book) : undefined
    this.#rollCall = new RollCall((run, member) => this.book.remember(run, member))
  }

  started(run: OwnedTree): void {
    if (this.#runs.size === 0) process.on('exit', this.#onExit)
    this.#runs.add(run)
    this.#guard?.start()
    this.book.add(run)
    if (seesProcesses()) this.#rollCall.add(run)
  }

  over(run: OwnedTree): void {
    this.#runs.delete(run)
    this.book.remove(run)
    this.#rollCall.remove(run)
    if (this.#runs.size === 0) process.off('exit', this.#onExit)
  }

  /** No child is left, nor one that waits for its next start: the guard ends. */
  idle(): void {
    this.#guard?.stop()
  }

  /** `process.exit` by anybody, or an uncaught error: synchronous, since nothing else runs any more. */
  readonly #onExit = (): void => {
    for (const run of this.#runs) killMembersSync(run.members)
  }
}
