import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Drainable, DrainContext } from '../drainable.ts'
import { endEndless, endless as isEndless } from '../long-lived.ts'
import type { Recognised } from '../recognise.ts'
import { endUpgraded } from '../upgraded/end-upgraded.ts'

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
  readonly #sockets = new Set<HttpSocket>()

  constructor(server: Server) {
    this.#server = server
    this.kind = typeof (server as { setSecureContext?: unknown }).setSecureContext === 'function' ? 'https' : 'http'
    const event = this.kind === 'https' ? 'secureConnection' : 'connection'
    server.prependListener(event, (socket: HttpSocket) => this.#watch(socket))
  }

  address(): string | null {
    return addressText(this.#server.address())
  }

  #watch(socket: HttpSocket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  async drain(context: DrainContext): Promise<void> {
    const { limit } = context
    const upgraded = [...this.#sockets].filter((socket) => !socket.parser)
    const responses = [...this.#sockets].map((socket) => socket._httpMessage).filter((response) => response != null)
    const endless = responses.filter(isEndless).map((response) => endEndless(response, context))
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    limit.addEventListener('abort', () => this.#server.closeAllConnections(), { once: true })
    // It takes a connection whose answer is still on its way out for an idle one.
    const sweep = setInterval(() => {
      if ([...this.#sockets].every(({ writableLength }) => writableLength === 0)) this.#server.closeIdleConnections()
    }, 20)
    await Promise.all([closed, endUpgraded(upgraded, context), ...endless])
    clearInterval(sweep)
  }
}

type HttpSocket = Socket & { readonly parser?: object | null; readonly _httpMessage?: ServerResponse | null }

/** `127.0.0.1:8080`, `[::1]:8080`, a path. */
export function addressText(address: AddressInfo | string | null): string | null {
  if (address === null || typeof address === 'string') return address
  return `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
