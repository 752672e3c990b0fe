import type { Drainable, DrainContext } from '../drainable.ts'
import type { Inner, Recognised } from '../recognise.ts'

/** What we use of a Fastify instance. It is a promise of itself until it is ready: nothing here may await it. */
interface FastifyLike {
  readonly server: object
  close(): Promise<unknown>
}

/** Fastify 3 to 5. */
export const FASTIFY: Recognised = {
  looksLike: (thing) => {
    const { server, close, inject, addHook } = thing as Record<string, unknown>
    return typeof server === 'object' && [close, inject, addHook].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner) => new FastifyDrain(thing as FastifyLike, inner),
}

/** Its server in drain; then `close()`, which would answer 503 to what still comes if it were called first. */
class FastifyDrain implements Drainable {
  readonly kind = 'fastify'
  readonly #app: FastifyLike
  readonly #inner: Inner
  readonly #main: Drainable

  constructor(app: FastifyLike, inner: Inner) {
    this.#app = app
    this.#inner = inner
    this.#main = inner.of(app.server)
  }

  address(): string | null {
    return this.#main.address()
  }

  lookInside(): void {
    this.#all()
  }

  async drain(context: DrainContext): Promise<void> {
    await Promise.all(this.#all().map((server) => server.drain(context)))
  }

  readonly closeLater = (): Promise<unknown> => this.#app.close()

  /** With `localhost`, which is the default, it listens on 127.0.0.1 and on ::1, by two servers. */
  #all(): Drainable[] {
    const key = Object.getOwnPropertySymbols(this.#app).find(
      ({ description }) => description === 'fastify.serverBindings',
    )
    const others = key && (this.#app as unknown as Record<symbol, readonly object[]>)[key]
    return [this.#main, ...(others ?? []).map((server) => this.#inner.of(server))]
  }
}
