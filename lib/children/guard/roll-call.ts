import { type Member, Members } from '../../process-tree/members.ts'
import { clearTimeout, performance, setTimeout } from '../../real-time.ts'
import type { OwnedTree } from './owned-tree.ts'

/** A daemon detaches within milliseconds of its start: soon after each start is where nearly all are caught. */
const EARLY_MS = [20, 50, 100, 200, 400]

/**
 * A member that leaves its group and overwrites its environment within two seconds of its start, seen by nobody, is
 * found by descent all the same while its parent lives.
 */
const USUAL_MS = 2_000

/** One reading of /proc costs about 15 µs a process: never over one part in two hundred of our time. */
const COST_FACTOR = 200

/**
 * Sees from time to time who belongs to the trees, so that those are remembered that later detach and hide their mark.
 * One reading of /proc serves all trees. It does not hold the event loop.
 */
export class RollCall {
  readonly #runs = new Set<OwnedTree>()
  readonly #found: (run: OwnedTree, member: Member) => void
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  constructor(found: (run: OwnedTree, member: Member) => void) {
    this.#found = found
  }

  add(run: OwnedTree): void {
    this.#runs.add(run)
    this.#turn = 0
    this.#arm(EARLY_MS[0] as number)
  }

  remove(run: OwnedTree): void {
    this.#runs.delete(run)
    if (this.#runs.size === 0) clearTimeout(this.#timer)
  }

  stop(): void {
    this.#runs.clear()
    clearTimeout(this.#timer)
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#call(), delayMs).unref()
  }

  #call(): void {
    const startedAt = performance.now()
    Members.readTogether(
      [...this.#runs].map((run) => ({ members: run.members, found: (member) => this.#found(run, member) })),
    )
    const costMs = performance.now() - startedAt
    this.#arm(Math.max(EARLY_MS[++this.#turn] ?? USUAL_MS, costMs * COST_FACTOR))
  }
}
