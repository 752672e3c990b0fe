import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { sleep } from '../../real-time.ts'
import type { Drainable, DrainContext } from '../drainable.ts'
import type { Inner, Recognised } from '../recognise.ts'
import { endUpgraded } from './end-upgraded.ts'
import { refuseUpgrades, type Upgrading } from './refuse-upgrades.ts'
import type { WebSocketLike } from './web-socket.ts'

/** What we use of a socket.io Server. */
interface SocketIo {
  /** Absent until it listens or is attached. */
  readonly httpServer?: object
  readonly engine?: Engine
  close(): Promise<void> | undefined
}

/** engine.io's Server, which has the connections. */
interface Engine extends Upgrading {
  readonly clients: Readonly<Record<string, EngineClient>>
  handleRequest(request: IncomingMessage, response: ServerResponse): void
}

interface EngineClient {
  readonly readyState: string
  readonly transport: { readonly name: string; readonly socket?: WebSocketLike; closeTimeout?: number }
  close(discard?: boolean): void
  once(event: 'close', listener: () => void): void
}

/** How long a client that polls has to fetch its close packet: its next poll comes at once, unless it has gone. */
const NEXT_POLL_MS = 3_000
/** So long the listener stays open for them: a poll may come on a connection of its own. */
const HEAD_START_MS = 1_000

/** `Server` of socket.io 3 and 4. */
export const SOCKET_IO: Recognised = {
  looksLike: (thing) => {
    const { of, attach, disconnectSockets, close } = thing as Record<string, unknown>
    return [of, attach, disconnectSockets, close].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner) => new SocketIoDrain(thing as SocketIo, inner),
}

/**
 * Its clients see `transport close`, after which they connect again by themselves. `disconnectSockets()` would tell them
 * `io server disconnect`, which they take for good; `close()` at once drops what has not been written.
 */
class SocketIoDrain implements Drainable {
  readonly kind = 'socket.io'
  readonly #io: SocketIo
  readonly #inner: Inner

  constructor(io: SocketIo, inner: Inner) {
    this.#io = io
    this.#inner = inner
    // Now, so that its connections are known from the first.
    this.#http()
  }

  address(): string | null {
    return this.#http()?.address() ?? null
  }

  lookInside(): void {
    this.#http()
  }

  async drain(context: DrainContext): Promise<void> {
    const { engine } = this.#io
    if (engine) {
      const acceptAgain = [refuseUpgrades(engine, context.counts), refuseSessions(engine, context)]
      // Before http's drain, which tells WebSockets without waiting for the packets that engine.io still holds.
      const { polling, all } = this.#endClients(engine, context)
      const headStart = Math.min(HEAD_START_MS, context.remainingMs() / 4)
      await Promise.race([polling, wait(headStart, context.limit)])
      await Promise.all([all, this.#http()?.drain(context)])
      await this.#io.close()
      for (const again of acceptAgain) again()
    } else await this.#io.close()
  }

  #http(): Drainable | undefined {
    const { httpServer } = this.#io
    return httpServer && this.#inner.of(httpServer)
  }

  #endClients(engine: Engine, context: DrainContext): { polling: Promise<unknown>; all: Promise<unknown> } {
    const riders = new Map<WebSocketLike, EngineClient>()
    const pollers: EngineClient[] = []
    for (const client of Object.values(engine.clients)) {
      const { socket } = client.transport
      if (client.transport.name === 'websocket' && socket?._socket) riders.set(socket, client)
      else pollers.push(client)
    }
    const reason = context.options.closeReason ?? 'going away'
    const sockets = [...riders.keys()].map((webSocket) => webSocket._socket as Duplex)
    const tell = (webSocket: WebSocketLike): void => {
      const close = webSocket.close.bind(webSocket)
      // The engine closes without a code, when its last packets are out.
      webSocket.close = (code = 1001, why = reason) => close(code, why)
      const client = riders.get(webSocket)
      if (client?.readyState === 'open') client.close()
      else webSocket.close()
    }
    const polling = Promise.all(pollers.map((client) => endPolling(client, context)))
    return { polling, all: Promise.all([polling, endUpgraded(sockets, context, tell)]) }
  }
}

/** The poll that waits is answered with a close packet, or the next one is. */
async function endPolling(client: EngineClient, context: DrainContext): Promise<void> {
  if (client.readyState === 'closed') return
  const over = new AbortController()
  client.once('close', () => over.abort())
  // The engine's own wait for the next poll, 30 s: once it has begun it cannot be cut short.
  client.transport.closeTimeout = Math.min(NEXT_POLL_MS, context.remainingMs())
  client.close()
  await wait(NEXT_POLL_MS, AbortSignal.any([context.limit, over.signal]))
  client.close(true)
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}

/** New sessions are refused; those that exist go on polling until they have their close packet. */
function refuseSessions(engine: Engine, { counts }: DrainContext): () => void {
  const handle = engine.handleRequest
  const own = Object.hasOwn(engine, 'handleRequest')
  engine.handleRequest = (request, response) => {
    if (/[?&]sid=/.test(request.url ?? '')) return handle.call(engine, request, response)
    counts.refusedLate++
    response.writeHead(503, { 'Content-Length': '0' }).end()
  }
  return () => {
    if (own) engine.handleRequest = handle
    else Reflect.deleteProperty(engine, 'handleRequest')
  }
}
