import { performance } from '../real-time.ts'

/** Who tells how it ended. */
const NOBODY = 0
/** Main writes the final report. */
const MAIN = 1
/** It is out, with the exit code in it. */
const TOLD = 2
/** The thread writes one. */
const WATCHDOG = 3
/** Main ends the process for the thread, with the code that was told. */
const LEAVING = 4
/** The thread ends it by force: main must not leave with another code than that. */
const FORCED = 5

/** The numbers of `#words`. */
const WORD = 0
const CODE = 1
const MAIN_WAITS = 2
export const WORDS_BYTES = 12

/** Whom the thread leaves the process to has no second chance: should it be gone, main goes on after this time. */
const MOST_WAIT_MS = 5_000

/**
 * The final report is told by one alone, the main thread or its watchdog, and the exit code that it tells comes true.
 * Each takes the word before it writes; who comes second says nothing.
 */
export class LastWord {
  readonly #words: Int32Array

  /** Of shared memory, `WORDS_BYTES` from `offset` on. */
  constructor(buffer: SharedArrayBuffer, offset: number) {
    this.#words = new Int32Array(buffer, offset, WORDS_BYTES / 4)
  }

  /** Main tells, by `publish`. Where the thread was first it ends the process, and this does not return. */
  tell(exitCode: number, publish: () => void): void {
    this.#once(() => this.#turn(NOBODY, MAIN))
    publish()
    Atomics.store(this.#words, CODE, exitCode)
    // A reader of the report that took too long has been taken for a block.
    this.#once(() => this.#turn(MAIN, TOLD))
  }

  /** Asked by main when the thread wants it to end the process: false when that is forced already. */
  leaves(): boolean {
    return this.#turn(WATCHDOG, LEAVING) || this.#turn(TOLD, LEAVING)
  }

  /** Main writes, or has written: it is about to end by itself. */
  get isMains(): boolean {
    const word = Atomics.load(this.#words, WORD)
    return word === MAIN || word === TOLD
  }

  /** Main stands still because the thread has the word: that is no block of anybody's. */
  get isAwaited(): boolean {
    return Atomics.load(this.#words, MAIN_WAITS) === 1
  }

  /** The thread takes the word, unless the report is out: then the code that the process has to end with. */
  take(): { readonly told: number | undefined; giveBack(): void } {
    for (const before of [NOBODY, MAIN, NOBODY]) {
      if (this.#turn(before, WATCHDOG)) return { told: undefined, giveBack: () => this.#giveBack(before) }
    }
    return { told: Atomics.load(this.#words, CODE), giveBack: () => {} }
  }

  /** The thread ends the process by force. False where main is leaving, with the code that was told. */
  forces(): boolean {
    return this.#turn(WATCHDOG, FORCED) || this.#turn(TOLD, FORCED)
  }

  #giveBack(before: number): void {
    Atomics.store(this.#words, WORD, before)
    Atomics.notify(this.#words, WORD)
  }

  #turn(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, WORD, from, to) === from
  }

  #once(turned: () => boolean): void {
    for (const until = performance.now() + MOST_WAIT_MS; !turned(); ) {
      const word = Atomics.load(this.#words, WORD)
      if ((word !== WATCHDOG && word !== FORCED) || performance.now() > until) return
      Atomics.store(this.#words, MAIN_WAITS, 1)
      Atomics.wait(this.#words, WORD, word, MOST_WAIT_MS)
      Atomics.store(this.#words, MAIN_WAITS, 0)
    }
  }
}
