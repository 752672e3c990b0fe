import { clearTimeout, setTimeout } from '../real-time.ts'

/** What is wanted of a child that runs or waits: its end, for good or for a new start. */
export class ChildWish {
  #wanted: 'stop' | 'restart' | undefined
  #limitMs: number | undefined
  #wake = (): void => {}

  isFor(what: 'stop' | 'restart'): boolean {
    return this.#wanted === what
  }

  /** How long the end may take, in milliseconds. */
  get limitMs(): number | undefined {
    return this.#limitMs
  }

  /** A stop is for good: nothing is wanted after it. */
  want(what: 'stop' | 'restart', limitMs: number): void {
    if (this.#wanted === 'stop') return
    this.#wanted = what
    this.#limitMs = limitMs
    this.#wake()
  }

  /** A restart has begun. */
  fulfilled(): void {
    this.#wanted = undefined
    this.#limitMs = undefined
  }

  /** Resolves when something is wanted. One waits at a time: the child's life has one step at a time. */
  comes(): Promise<'wanted'> {
    if (this.#wanted) return Promise.resolve('wanted')
    return new Promise((resolve) => {
      this.#wake = () => resolve('wanted')
    })
  }

  /** Waits for `ms`, or until something is wanted. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over, this.comes()])
    clearTimeout(timer)
  }
}
