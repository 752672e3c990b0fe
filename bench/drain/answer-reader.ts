export interface Answer {
  readonly status: number
  /** The server said `Connection: close`. */
  readonly isLast: boolean
}

/**
 * Reads HTTP/1.1 answers from the bytes of a connection, strictly: an answer counts when its last byte has come. Written
 * by hand, since Node's own client hides what a raw connection shows.
 */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0)
  /** Of the answer whose head is in; its body is not. */
  #open: (Answer & { readonly length: number | 'chunked' }) | undefined

  /** Bytes of an answer are in, and its end is not. */
  get isInside(): boolean {
    return this.#open !== undefined || this.#bytes.length > 0
  }

  /** @throws {Error} when it is no HTTP */
  push(bytes: Buffer): Answer[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    const answers: Answer[] = []
    for (;;) {
      this.#open ??= this.#head()
      if (!this.#open || !this.#body(this.#open.length)) return answers
      const { status, isLast } = this.#open
      this.#open = undefined
      // 100 Continue and its like announce an answer, and are none.
      if (status >= 200) answers.push({ status, isLast })
    }
  }

  #head(): (Answer & { length: number | 'chunked' }) | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = this.#bytes.toString('latin1', 0, end)
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
    if (status === undefined) throw new Error(`no answer of HTTP/1.1: ${head.slice(0, 100)}`)
    this.#bytes = this.#bytes.subarray(end + 4)
    const isLast = /^connection: *close\r?$/im.test(head)
    if (/^transfer-encoding: *chunked\r?$/im.test(head)) return { status: Number(status), isLast, length: 'chunked' }
    return { status: Number(status), isLast, length: Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0) }
  }

  #body(length: number | 'chunked'): boolean {
    if (length !== 'chunked') return this.#take(length)
    for (;;) {
      const end = this.#bytes.indexOf('\r\n')
      if (end < 0) return false
      const size = Number.parseInt(this.#bytes.toString('latin1', 0, end), 16)
      if (Number.isNaN(size)) throw new Error('a chunk without a size')
      if (!this.#take(end + 2 + size + 2)) return false
      if (size === 0) return true
    }
  }

  #take(length: number): boolean {
    if (this.#bytes.length < length) return false
    this.#bytes = this.#bytes.subarray(length)
    return true
  }
}
