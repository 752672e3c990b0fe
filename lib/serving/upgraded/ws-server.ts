import type { Duplex } from 'node:stream'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Inner, Recognised } from '../recognise.ts'
import { endUpgraded, type Tell } from './end-upgraded.ts'
import { refuseUpgrades, type Upgrading } from './refuse-upgrades.ts'
import type { WebSocketLike } from './web-socket.ts'

/** What we use of a `ws` WebSocketServer. */
interface WsServer extends Upgrading {
  readonly options: { readonly server?: object | null; readonly noServer?: boolean }
  /** Its own http server, or the one that it was given; null with `noServer`, and after `close`. */
  readonly _server?: object | null
  /** Absent with `clientTracking: false`. */
  readonly clients?: Set<WebSocketLike>
  close(done?: (error?: Error) => void): void
}

/** `WebSocketServer` of `ws` 7 and 8: with a port of its own, with `server`, with `noServer`. */
export const WS: Recognised = {
  looksLike: (thing) => {
    const { handleUpgrade, completeUpgrade, shouldHandle, close } = thing as Record<string, unknown>
    return [handleUpgrade, completeUpgrade, shouldHandle, close].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner) => new WebSocketServerDrain(thing as WsServer, inner),
}

class WebSocketServerDrain implements Drainable {
  readonly kind = 'ws'
  readonly #server: WsServer
  readonly #http: Drainable | undefined

  constructor(server: WsServer, inner: Inner) {
    this.#server = server
    const http = server._server ?? server.options.server
    this.#http = http ? inner.of(http) : undefined
  }

  address(): string | null {
    return this.#http?.address() ?? null
  }

  async drain(context: DrainContext): Promise<void> {
    const acceptAgain = refuseUpgrades(this.#server, context.counts)
    const tell = tellOf(context)
    const told = endUpgraded(this.#sockets(), context, tell)
    await Promise.all([told, this.#http?.drain(context)])
    // One that was in the middle of its handshake, waiting for the app's `verifyClient`.
    await endUpgraded(this.#sockets(), context, tell)
    await new Promise<void>((closed) => this.#server.close(() => closed()))
    // A closed one refuses by itself.
    acceptAgain()
  }

  #sockets(): Duplex[] {
    return [...(this.#server.clients ?? [])].map((client) => client._socket).filter((socket) => socket != null)
  }
}

/** A reason of its own says more than the one of the server under it, which may be registered, too. */
function tellOf({ options: { closeReason } }: DrainContext): Tell | undefined {
  return closeReason === undefined ? undefined : (webSocket) => webSocket.close(1001, closeReason)
}
