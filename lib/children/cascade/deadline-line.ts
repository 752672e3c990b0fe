import { writeSync } from 'node:fs'
import { writeRecords } from '../../clock/deadline-record.ts'
import { hrtime } from '../../real-time.ts'
import { openSocketPair, type SocketPair } from './socket-pair.ts'

/** The line by which a child, and whoever below it inherits the descriptor, learns its deadline and our end. */
export class DeadlineLine {
  readonly #pair: SocketPair
  /** Our end, once it is accepted. */
  #fd: number | undefined
  #toSay: Buffer | undefined

  /** Undefined where a socket cannot be handed down in this way: then only the duration in the environment holds. */
  static open(): DeadlineLine | undefined {
    let line: DeadlineLine | undefined
    const pair = openSocketPair((fd) => {
      if (line) line.#accepted(fd)
    })
    if (pair) line = new DeadlineLine(pair)
    return line
  }

  private constructor(pair: SocketPair) {
    this.#pair = pair
  }

  /** A descriptor of ours, until it is handed down. */
  get descriptor(): number {
    return this.#pair.fd
  }

  get inode(): number {
    return this.#pair.inode
  }

  /** The child has its own copy, or there is no child: ours would keep the line open, and be inherited. */
  handedDown(): void {
    this.#pair.handedDown()
  }

  /**
   * Says that SIGKILL comes in `leftMs`. It never waits: 16 KiB fit into an empty socket, and unread they do no harm.
   * With `begins` a direct child begins its shutdown with it; without, the signal that follows does.
   */
  announce(leftMs: number, { begins }: { readonly begins: boolean }): void {
    const deadlineNs = hrtime() + BigInt(Math.round(leftMs * 1e6))
    this.#toSay = writeRecords({ deadlineNs, ...(begins && { pid: process.pid }) })
    this.#say()
  }

  close(): void {
    this.#fd = undefined
    this.#pair.close()
  }

  #accepted(fd: number): void {
    this.#fd = fd
    this.#say()
  }

  #say(): void {
    if (this.#fd === undefined || !this.#toSay) return
    try {
      writeSync(this.#fd, this.#toSay)
    } catch {
      // Nobody holds the other end: a program that is no lastcall has closed it.
    }
  }
}
