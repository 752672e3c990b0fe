import { StringDecoder } from 'node:string_decoder'

/** A longer line is handed on in pieces: a program that never writes a newline must not fill our memory. */
export const LONGEST_LINE = 65_536

/** Cuts what comes in pieces into whole lines, also where a piece ends in the middle of a character. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(piece: Buffer): void {
    this.#rest += this.#decoder.write(piece)
    let start = 0
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n', start)) {
      this.#emit(this.#rest.slice(start, end))
      start = end + 1
    }
    this.#rest = this.#rest.slice(start)
    while (this.#rest.length > LONGEST_LINE) {
      const end = cutBefore(this.#rest, LONGEST_LINE)
      this.#onLine(this.#rest.slice(0, end))
      this.#rest = this.#rest.slice(end)
    }
  }

  /** The stream is over: what has no newline is a line, too. */
  end(): void {
    this.#rest += this.#decoder.end()
    if (this.#rest !== '') this.#emit(this.#rest)
    this.#rest = ''
  }

  #emit(line: string): void {
    let rest = line.endsWith('\r') ? line.slice(0, -1) : line
    while (rest.length > LONGEST_LINE) {
      const end = cutBefore(rest, LONGEST_LINE)
      this.#onLine(rest.slice(0, end))
      rest = rest.slice(end)
    }
    this.#onLine(rest)
  }
}

/** Not in the middle of a surrogate pair. */
function cutBefore(text: string, end: number): number {
  const code = text.charCodeAt(end - 1)
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end
}
