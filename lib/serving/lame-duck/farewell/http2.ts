import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { clearInterval, setImmediate, setInterval } from '../../../real-time.ts'
import { aFew } from '../../a-few.ts'
import { openStreams } from '../../http2/node-internals.ts'
import { tellSession } from '../../http2/tell-session.ts'
import type { Wire } from '../wire.ts'

/** How often we look, in milliseconds, and the part of the sessions that is told in a look. */
const EVERY_MS = 10
const PART = 0.04

/**
 * Sends GOAWAY to sessions that have a stream, each once. A session between two requests is told with its next one, so that none is refused.
 */
export class Http2Farewell {
  readonly #wire: Wire
  readonly #told: (session: ServerHttp2Session) => void
  readonly #waiting = new Set<ServerHttp2Session>()
  readonly #timer: NodeJS.Timeout
  readonly #most: number

  constructor(wire: Wire, told: (session: ServerHttp2Session) => void) {
    this.#wire = wire
    this.#told = told
    for (const session of wire.open() as Iterable<ServerHttp2Session>) {
      if (openStreams(session).length > 0) this.#waiting.add(session)
    }
    this.#most = aFew(this.#waiting.size, PART)
    wire.server.prependListener('stream', this.#stream)
    this.#timer = setInterval(() => {
      for (const session of [...this.#waiting].slice(0, this.#most)) this.#tell(session)
    }, EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#wire.server.off('stream', this.#stream)
  }

  readonly #stream = (stream: ServerHttp2Stream): void => {
    const session = stream.session as ServerHttp2Session | undefined
    // Those that came with it have begun by then, too.
    if (session && !session.closed) setImmediate(() => this.#tell(session))
  }

  #tell(session: ServerHttp2Session): void {
    this.#waiting.delete(session)
    if (session.closed || session.destroyed) return
    tellSession(session)
    this.#told(session)
  }
}
