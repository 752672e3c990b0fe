import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { grpcServer } from '../hooks/resources/pool.ts'
import type { Thing } from '../hooks/resources/thing.ts'
import type { Drainable, DrainContext } from './drainable.ts'
import { Http2Drain } from './http2/http2-drain.ts'
import type { Wire } from './lame-duck/wire.ts'
import type { Recognised } from './recognise.ts'
import { addressText } from './sockets/address-text.ts'

/** A server of @grpc/grpc-js. */
export const GRPC: Recognised = {
  looksLike: (thing) => grpcServer.looksLike(thing as Thing),
  drainable: (thing) => new DrainableGrpc(thing as Thing),
}

/** What it keeps of each port that it is bound to; private, and the same in 1.10 to 1.14. */
type Ports = ReadonlyMap<Http2Server, { readonly sessions: Iterable<ServerHttp2Session> }>

class DrainableGrpc implements Drainable {
  readonly kind = 'grpc'
  readonly #server: Thing

  constructor(server: Thing) {
    this.#server = server
  }

  address(): string | null {
    const [server] = portsOf(this.#server).keys()
    return server ? addressText(server.address()) : null
  }

  wires(): readonly Wire[] {
    return [...portsOf(this.#server)].map(([server, { sessions }]) => ({
      ...{ server, protocol: 'http2', isSecure: 'setSecureContext' in server, open: () => [...sessions] },
    }))
  }

  /** Its calls are streams of its HTTP/2 servers, which end as others do: so calls are counted. Then its own end. */
  async drain(context: DrainContext): Promise<void> {
    const { limit } = context
    const ports = [...portsOf(this.#server)]
    // A connection that is gone is UNAVAILABLE to the client, which may try elsewhere; a reset is an error of the call.
    const drains = ports.map(
      ([server, { sessions }]) => new Http2Drain({ server, sessions: [...sessions], cutBy: 'drop', context }),
    )
    await Promise.all(drains.map((drain) => drain.run()))
    // It keeps timers and entries in channelz; and where its ports were not found it drains by itself.
    const forced = new Promise<void>((resolve) => {
      const force = (): void => {
        grpcServer.force?.(this.#server)
        resolve()
      }
      if (limit.aborted) force()
      else limit.addEventListener('abort', force, { once: true })
    })
    if (!limit.aborted) await Promise.race([grpcServer.close(this.#server), forced])
  }
}

function portsOf(server: Thing): Ports {
  const { http2Servers } = server
  return http2Servers instanceof Map ? (http2Servers as Ports) : new Map()
}
