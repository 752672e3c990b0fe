import type { Socket } from 'node:net'
import { writeRecords } from '../../clock/deadline-record.ts'
import { openSocketPair, type SocketPair } from './socket-pair.ts'

/** The line by which a child, and whoever below it inherits the descriptor, learns its deadline and our end. */
export class DeadlineLine {
  readonly #pair: SocketPair
  readonly #ours: { socket?: Socket; toSay?: Buffer }

  /** Undefined where a socket cannot be handed down in this way: then only the duration in the environment holds. */
  static open(): DeadlineLine | undefined {
    const ours: { socket?: Socket; toSay?: Buffer } = {}
    const pair = openSocketPair((socket) => {
      ours.socket = socket
      if (ours.toSay) socket.write(ours.toSay)
    })
    return pair && new DeadlineLine(pair, ours)
  }

  private constructor(pair: SocketPair, ours: { socket?: Socket; toSay?: Buffer }) {
    this.#pair = pair
    this.#ours = ours
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
    const deadlineNs = process.hrtime.bigint() + BigInt(Math.round(leftMs * 1e6))
    const records = writeRecords({ deadlineNs, ...(begins && { pid: process.pid }) })
    if (this.#ours.socket) this.#ours.socket.write(records)
    else this.#ours.toSay = records
  }

  close(): void {
    this.#pair.close()
  }
}
