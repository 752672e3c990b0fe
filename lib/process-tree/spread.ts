import { performance, turn } from '../real-time.ts'

/** The longest that a tree's size may keep the event loop: requests are still being served meanwhile. */
const TURN_MS = 10

/** Work on many processes, spread over turns of the event loop. */
export class Spread {
  #turnBegan = performance.now()

  /** This turn has been long enough. */
  get isFull(): boolean {
    return performance.now() - this.#turnBegan >= TURN_MS
  }

  async nextTurn(): Promise<void> {
    await turn()
    this.#turnBegan = performance.now()
  }
}
