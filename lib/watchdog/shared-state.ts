import { LastWord, WORDS_BYTES } from './last-word.ts'

/** Since when main beats where no beat has come yet. */
const NEVER = 0

/** The words of `#words`. */
const TURN = 0
const OVER = 1

/** The numbers of `#times`, in microseconds of the main thread's clock. */
const BEAT = 0
const DEADLINE = 1
const RESERVE = 2

/**
 * What main and its watchdog share: main writes, the thread reads, and neither waits for the other's event loop. Times
 * are on the main thread's clock, in milliseconds.
 */
export class SharedState {
  readonly buffer: SharedArrayBuffer
  /** Who tells how it ended. */
  readonly lastWord: LastWord
  readonly #times: BigInt64Array
  readonly #words: Int32Array

  constructor(buffer = new SharedArrayBuffer(32 + WORDS_BYTES)) {
    this.buffer = buffer
    this.#times = new BigInt64Array(buffer, 0, 3)
    this.#words = new Int32Array(buffer, 24, 2)
    this.lastWord = new LastWord(buffer, 32)
  }

  /** The event loop turns. */
  beat(at: number): void {
    this.#set(BEAT, at)
  }

  /** When it last did; undefined before the first time. */
  get beatAt(): number | undefined {
    return this.#get(BEAT)
  }

  /** The shutdown has begun, or its deadline has moved. */
  setDeadline(at: number, reserveMs: number): void {
    this.#set(RESERVE, reserveMs)
    this.#set(DEADLINE, at)
    this.#ring()
  }

  /** Undefined where nothing has begun. */
  get deadline(): { readonly at: number; readonly reserveMs: number } | undefined {
    const at = this.#get(DEADLINE)
    return at === undefined ? undefined : { at, reserveMs: this.#get(RESERVE) ?? 0 }
  }

  get isTelling(): boolean {
    return this.lastWord.isMains
  }

  /** The watchdog is to end. */
  end(): void {
    Atomics.store(this.#words, OVER, 1)
    this.#ring()
  }

  get isOver(): boolean {
    return Atomics.load(this.#words, OVER) === 1
  }

  /** A number that differs when something has changed, beats left out: those must not wake anybody. */
  get turn(): number {
    return Atomics.load(this.#words, TURN)
  }

  /** Sleeps for `ms`, or until something changes from what `turn` said. Blocks the thread. */
  sleep(turn: number, ms: number): void {
    Atomics.wait(this.#words, TURN, turn, ms)
  }

  #ring(): void {
    Atomics.add(this.#words, TURN, 1)
    Atomics.notify(this.#words, TURN)
  }

  #set(index: number, ms: number): void {
    // A shutdown may begin in the first microsecond; 0 stands for never.
    Atomics.store(this.#times, index, BigInt(Math.max(1, Math.round(ms * 1_000))))
  }

  #get(index: number): number | undefined {
    const value = Number(Atomics.load(this.#times, index))
    return value === NEVER ? undefined : value / 1_000
  }
}
