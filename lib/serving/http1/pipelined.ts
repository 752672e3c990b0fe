import type { IncomingMessage } from 'node:http'
import type { HttpSocket } from './node-internals.ts'

const HEAD_END = '\r\n\r\n'
/** The last bytes of a head that was cut inside its end: no other line of it follows, `name:`. */
const REST_OF_HEAD_END = /^(?:\r?\n\r\n|\r?\n(?![\w!#$%&'*+.^`|~-]+:))/

/**
 * Whether the chunk that is being parsed goes on behind a request. A handler that answers at once would have its answer
 * sent, and the connection closed, before Node has even seen the request that came with it.
 */
export class Chunk {
  #bytes: Buffer | undefined
  #bytesRead = 0
  #text = ''
  /** Where the last request that we saw in it ends. */
  #end = 0

  /** Called with each request of a connection, in their order, from the `request` event. */
  goesOnBehind(request: IncomingMessage, { parser, bytesRead }: HttpSocket): boolean {
    const given = parser?.getCurrentBuffer?.()
    if (!given) return false
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
    // Nothing tells that a chunk is the same one. TLS may make several of the bytes that were read at once.
    if (bytesRead !== this.#bytesRead || this.#end >= this.#text.length || !this.#bytes?.equals(bytes)) {
      this.#bytes = bytes
      this.#bytesRead = bytesRead
      this.#text = bytes.toString('latin1')
      this.#end = 0
    }
    const bodyAt = this.#endOfHead()
    this.#end = bodyAt + bodyBytes(request, this.#text.slice(bodyAt))
    return this.#end < this.#text.length
  }

  #endOfHead(): number {
    const rest = this.#end === 0 ? REST_OF_HEAD_END.exec(this.#text) : null
    if (rest) return rest[0].length
    const head = this.#text.indexOf(HEAD_END, this.#end)
    return head < 0 ? this.#end : head + HEAD_END.length
  }
}

/** How much of `rest` is the request's body, as far as it is there. */
function bodyBytes(request: IncomingMessage, rest: string): number {
  const length = Number(request.headers['content-length'] ?? 0)
  if (request.headers['transfer-encoding'] === undefined) return length
  const last = /(?:^|\r\n)0+[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(rest)
  return last ? last.index + last[0].length : rest.length
}
