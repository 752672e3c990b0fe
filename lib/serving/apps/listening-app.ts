import type { Server } from 'node:http'
import type { Drainable, DrainContext } from '../drainable.ts'
import { connectionsList } from '../http1/node-internals.ts'
import type { Inner, Recognised } from '../recognise.ts'
import { addressText } from '../sockets/address-text.ts'

/** An app that makes a server when it is told to listen, and keeps none. */
interface ListeningApp {
  listen(...args: unknown[]): object
}

type Listener = (...args: never[]) => unknown

/** Express 4 and 5, connect: a function, which is itself the server's listener. */
export const EXPRESS: Recognised = {
  looksLike: (thing) => {
    const { listen, handle, use } = thing as Record<string, unknown>
    return typeof thing === 'function' && [listen, handle, use].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner) =>
    new ListeningAppDrain('express', thing as unknown as ListeningApp, inner, (listener) => listener === thing),
}

/** Koa 2 and 3. Its listener is a closure: which Koa app it serves cannot be told, that it serves one can. */
export const KOA: Recognised = {
  looksLike: (thing) => {
    const { listen, callback, use, createContext } = thing as Record<string, unknown>
    return [listen, callback, use, createContext].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner) =>
    new ListeningAppDrain('koa', thing as ListeningApp, inner, (listener) =>
      /\.createContext\(/.test(Function.prototype.toString.call(listener)),
    ),
}

/**
 * Takes what the app's own `listen` returns, so that its connections are known from the first; and, where the app listens
 * already or was handed to `http.createServer`, the servers of the process that call it.
 */
class ListeningAppDrain implements Drainable {
  readonly kind: string
  readonly #inner: Inner
  readonly #serves: (listener: Listener) => boolean
  readonly #servers = new Set<Drainable>()
  readonly #restore: () => void
  #draining: DrainContext | undefined
  /**
   * No server of this app was found, and here requests are in flight that nobody waits for. One that is idle may be no loss:
   * an app that does not listen in this process, beside a server for metrics.
   */
  #missed: readonly string[] = []

  constructor(kind: string, app: ListeningApp, inner: Inner, serves: (listener: Listener) => boolean) {
    this.kind = kind
    this.#inner = inner
    this.#serves = serves
    const { listen } = app
    const own = Object.getOwnPropertyDescriptor(app, 'listen')
    app.listen = (...args) => {
      const server = listen.apply(app, args)
      this.#take(server)
      return server
    }
    this.#restore = () => {
      if (own) Object.defineProperty(app, 'listen', own)
      else Reflect.deleteProperty(app, 'listen')
    }
    this.#look()
  }

  address(): string | null {
    return [...this.#servers].map((server) => server.address()).find((address) => address !== null) ?? null
  }

  lookInside(): void {
    this.#look()
  }

  async drain(context: DrainContext): Promise<void> {
    this.#look()
    this.#draining = context
    if (this.#servers.size === 0) {
      const missed = listeningServers().filter((one) => !this.#inner.knows(one) && isBusy(one))
      this.#missed = missed.map(textOf)
    }
    await Promise.all([...this.#servers].map((server) => server.drain(context)))
  }

  faults(): readonly string[] {
    if (this.#missed.length === 0) return []
    return [
      `no server was found that calls the ${this.kind} app, and nothing waited for the requests in flight on ${this.#missed.join(', ')}: pass its server, shutdown.server(server)`,
    ]
  }

  release(): void {
    this.#restore()
  }

  #take(server: object): void {
    const drainable = this.#inner.of(server)
    this.#servers.add(drainable)
    if (this.#draining) void drainable.drain(this.#draining)
  }

  #look(): void {
    for (const server of listeningServers()) if (server.listeners('request').some(this.#serves)) this.#take(server)
  }
}

interface ListeningServer {
  listeners(event: 'request'): Listener[]
  address(): Parameters<typeof addressText>[0]
}

function isBusy(server: ListeningServer): boolean {
  const connections = connectionsList(server as unknown as Server)?.all() ?? []
  return connections.some(({ socket }) => socket?._httpMessage)
}

function textOf(server: ListeningServer): string {
  return addressText(server.address()) ?? 'a server'
}

/** In a cluster worker there are none: the primary holds them. */
function listeningServers(): ListeningServer[] {
  const { _getActiveHandles: handles } = process as typeof process & { _getActiveHandles?: () => object[] }
  const isServer = (handle: object): boolean => {
    const { listening, listeners, closeIdleConnections } = handle as Record<string, unknown>
    return listening === true && typeof listeners === 'function' && typeof closeIdleConnections === 'function'
  }
  return (handles?.call(process) ?? []).filter(isServer) as ListeningServer[]
}
