import type { IncomingMessage } from 'node:http'
import type { HttpSocket } from './node-internals.ts'

const HEAD_END = '\r\n\r\n'

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
    const head = this.#text.indexOf(HEAD_END, this.#end)
    // The head began in an earlier chunk, and its last bytes may have been cut apart.
    const bodyAt = head < 0 ? this.#end : head + HEAD_END.length
    this.#end = bodyAt + bodyBytes(request, this.#text.slice(bodyAt))
    return this.#end < this.#text.length
  }
}

/** How much of `rest` is the request's body, as far as it is there. */
function bodyBytes(request: IncomingMessage, rest: string): number {
  const length = Number(request.headers['content-length'] ?? 0)
  if (request.headers['transfer-encoding'] === undefined) return length
  const last = /(?:^|\r\n)0+[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(rest)
  return last ? last.index + last[0].length : rest.length
}
