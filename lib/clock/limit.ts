/** When something has to have ended, on the monotonic clock. It may come earlier while that runs, never later. */
export class Limit {
  #at: number
  readonly #listeners = new Set<() => void>()

  constructor(at: number) {
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  /** Calls `listener` whenever it has come earlier, and returns what takes it off. */
  onEarlier(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** False where `at` is no earlier. */
  bringForward(at: number): boolean {
    if (at >= this.#at) return false
    this.#at = at
    for (const listener of [...this.#listeners]) listener()
    return true
  }
}
