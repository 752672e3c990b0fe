import type { Socket } from 'node:net'

/** More at a time than any cluster's probes, and little enough to carry. */
const MOST_CONNECTIONS = 100

/**
 * The connections of a probe server. When there are too many, the oldest goes, first of those that have asked nothing:
 * neither a crowd of silent ones nor one of askers can keep the kubelet out.
 */
export class Crowd {
  /** The oldest first. By its two ends, since TLS has a socket of its own for the same connection. */
  readonly #connections = new Map<string, Socket>()
  readonly #asking = new Set<string>()

  add(socket: Socket): void {
    const key = keyOf(socket)
    // Gone before it was heard of.
    if (key === undefined) return void socket.destroy()
    this.#connections.set(key, socket)
    socket.once('close', () => {
      this.#connections.delete(key)
      this.#asking.delete(key)
    })
    if (this.#connections.size <= MOST_CONNECTIONS) return
    const keys = [...this.#connections.keys()]
    // The newest has had no time to ask.
    const oldest = (keys.find((other) => other !== key && !this.#asking.has(other)) ?? keys[0]) as string
    this.#connections.get(oldest)?.destroy()
    this.#connections.delete(oldest)
  }

  /** False where it asks again before it was answered: then it is none that we know, and is cut. */
  asks(socket: Socket): boolean {
    const key = keyOf(socket)
    if (key === undefined || this.#asking.has(key)) {
      socket.destroy()
      return false
    }
    this.#asking.add(key)
    return true
  }

  /** What asks is answered first, and ends by itself. */
  end(): void {
    for (const [key, socket] of this.#connections) if (!this.#asking.has(key)) socket.destroy()
  }

  answered(socket: Socket): void {
    const key = keyOf(socket)
    if (key !== undefined) this.#asking.delete(key)
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort}`
}
