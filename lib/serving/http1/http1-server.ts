import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Recognised } from '../recognise.ts'

/** `http.Server` and `https.Server`, of any realm. */
export const HTTP1: Recognised = {
  looksLike: (thing) => hasMethods(thing, ['listen', 'close', 'address', 'closeIdleConnections', 'getConnections']),
  drainable: (thing) => new Http1Server(thing as Server),
}

function hasMethods(thing: object, names: readonly string[]): boolean {
  return names.every((name) => typeof (thing as Record<string, unknown>)[name] === 'function')
}

class Http1Server implements Drainable {
  readonly kind: string
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    this.kind = typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function' ? 'https' : 'http'
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  async drain({ limit }: DrainContext): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    limit.addEventListener('abort', () => this.#server.closeAllConnections(), { once: true })
    await closed
  }
}

/** `127.0.0.1:8080`, `[::1]:8080`, a path. */
export function addressText(address: AddressInfo | string | null): string | null {
  if (address === null || typeof address === 'string') return address
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
