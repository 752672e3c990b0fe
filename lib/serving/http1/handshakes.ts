import type { Socket } from 'node:net'
import { monotonicNow } from '../../clock/deadline.ts'
import type { ServerCounts } from '../drainable.ts'

/**
 * Connections of a TLS server that are not past their handshake. Node tells of the raw socket first, and of the secured
 * one later, without a word on which was which: they are the two ends of the same address.
 */
export class Handshakes {
  readonly #raw = new Map<string, { readonly socket: Socket; readonly since: number }>()
  whenEmpty = (): void => {}

  get size(): number {
    return this.#raw.size
  }

  begun(socket: Socket): void {
    const peer = peerOf(socket)
    this.#raw.set(peer, { socket, since: monotonicNow() })
    socket.once('close', () => this.#delete(peer))
  }

  /** `secured` speaks HTTP now. */
  ended(secured: Socket): void {
    // A plain server has none, and asking the kernel for ten thousand addresses takes a while.
    if (this.#raw.size > 0) this.#delete(peerOf(secured))
  }

  /** Those that began longer ago than `ms`. */
  *olderThan(ms: number): Iterable<Socket> {
    const now = monotonicNow()
    for (const { socket, since } of this.#raw.values()) if (now - since >= ms) yield socket
  }

  cut(counts: ServerCounts): void {
    for (const { socket } of this.#raw.values()) {
      counts.connection('handshaking')
      socket.destroy()
    }
  }

  #delete(peer: string): void {
    if (this.#raw.delete(peer) && this.#raw.size === 0) this.whenEmpty()
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
