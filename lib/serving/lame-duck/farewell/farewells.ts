import type { Server } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import { addressOf, type Line, type Wire } from '../wire.ts'
import { Http1Farewell } from './http1.ts'
import { Http2Farewell } from './http2.ts'

/** Says goodbye on every connection of all servers, and knows which of those that were there have not been told. */
export class Farewells {
  readonly #told: (address: string) => void
  readonly #untold = new Map<Line, string>()
  readonly #farewells: { stop(): void }[] = []

  constructor(told: (address: string) => void) {
    this.#told = told
  }

  add(wire: Wire): void {
    for (const line of wire.open()) {
      const address = addressOf(line, wire)
      if (address === undefined || line.destroyed) continue
      this.#untold.set(line, address)
      line.once('close', () => this.#tell(line))
    }
    const { server, protocol } = wire
    const tell = (line: Line): void => this.#tell(line)
    // An HTTP/2 server may speak HTTP/1, too.
    if (protocol !== 'net' && server.listenerCount('request') > 0) {
      this.#farewells.push(new Http1Farewell(server as unknown as Server, tell))
    }
    if (protocol === 'http2')
      this.#farewells.push(new Http2Farewell(wire, (session: ServerHttp2Session) => tell(session)))
  }

  /** How many connections that nobody has told each address holds. */
  open(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const address of this.#untold.values()) counts.set(address, (counts.get(address) ?? 0) + 1)
    return counts
  }

  stop(): void {
    for (const farewell of this.#farewells.splice(0)) farewell.stop()
  }

  #tell(line: Line): void {
    const address = this.#untold.get(line)
    if (address === undefined) return
    this.#untold.delete(line)
    this.#told(address)
  }
}
