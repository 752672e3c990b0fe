/** When something has to have ended, on the monotonic clock. It may move while that runs. */
export class Limit {
  #at: number
  readonly #listeners = new Set<(way: 'earlier' | 'later') => void>()

  constructor(at: number) {
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  /** Calls `listener` whenever it has moved, and returns what takes it off. */
  onMoved(listener: (way: 'earlier' | 'later') => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Moves it, `way` only: false where `at` is not on that side. A share of less time is never more than it was. */
  move(at: number, way: 'earlier' | 'later'): boolean {
    if (way === 'earlier' ? at >= this.#at : at <= this.#at) return false
    this.#at = at
    for (const listener of [...this.#listeners]) listener(way)
    return true
  }
}
