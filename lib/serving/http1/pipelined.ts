import type { IncomingMessage } from 'node:http'
import type { HttpParser } from './node-internals.ts'

const HEAD_END = '\r\n\r\n'

/**
 * Whether the chunk that is being parsed goes on behind a request. A handler that answers at once would have its answer
 * sent, and the connection closed, before Node has even seen the request that came with it.
 */
export class Chunk {
  #text = ''
  /** Where the last request that we saw in it ends. */
  #end = 0
  #turn: object | undefined

  /** Called with each request, in their order, from the `request` event. */
  goesOnBehind(request: IncomingMessage, parser: HttpParser | null | undefined): boolean {
    const bytes = parser?.getCurrentBuffer?.()
    if (!bytes) return false
    this.#renew(bytes)
    const head = this.#text.indexOf(HEAD_END, this.#end)
    // The head began in an earlier chunk, and its last bytes may have been cut apart.
    const bodyAt = head < 0 ? this.#end : head + HEAD_END.length
    this.#end = bodyAt + bodyBytes(request, this.#text.slice(bodyAt))
    return this.#end < this.#text.length
  }

  /** All requests of a chunk are emitted in one go; the next chunk is another turn. */
  #renew(bytes: Uint8Array): void {
    if (this.#turn === undefined) {
      this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
      this.#end = 0
      const turn = {}
      this.#turn = turn
      // After the chunk: ticks run when Node has parsed all of it.
      process.nextTick(() => {
        if (this.#turn === turn) this.#turn = undefined
      })
    }
  }
}

/** How much of `rest` is the request's body, as far as it is there. */
function bodyBytes(request: IncomingMessage, rest: string): number {
  const length = Number(request.headers['content-length'] ?? 0)
  if (request.headers['transfer-encoding'] === undefined) return length
  const last = /(?:^|\r\n)0+[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(rest)
  return last ? last.index + last[0].length : rest.length
}
