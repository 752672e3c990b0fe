/** JSON that is none, or says the same thing twice; `offset` is where. */
export class JsonFault extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** A value, and where in the text each of its members is written. */
export interface JsonText {
  readonly value: unknown
  /** Of the member at `path`, or of the nearest that is there. */
  offsetOf(path: readonly string[]): number
}

const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /(?:true|false|null)\b/y
const SPACE = /[ \t\r\n]*/y

/**
 * `JSON.parse` tells no place in half of its messages, takes a name that is given twice without a word, and forgets
 * where a value stood that turns out to be wrong.
 * @throws {JsonFault}
 */
export function readJson(text: string): JsonText {
  const reader = new JsonReader(text)
  const value = reader.all()
  return {
    value,
    offsetOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const offset = reader.offsets.get(key(path.slice(0, length)))
        if (offset !== undefined) return offset
      }
      return 0
    },
  }
}

/** As people count. */
export function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}

function key(path: readonly string[]): string {
  return JSON.stringify(path)
}

class JsonReader {
  readonly offsets = new Map<string, number>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  all(): unknown {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1
    const value = this.#value([])
    if (this.#at < this.#text.length) throw this.#fault('nothing more was expected')
    return value
  }

  #value(path: readonly string[]): unknown {
    this.#take(SPACE)
    this.offsets.set(key(path), this.#at)
    const value = this.#isNext('{')
      ? this.#object(path)
      : this.#isNext('[')
        ? this.#array(path)
        : this.#scalar('a value was expected')
    this.#take(SPACE)
    return value
  }

  #object(path: readonly string[]): unknown {
    const members = new Map<string, unknown>()
    this.#list('}', () => {
      const at = this.#at
      const text = this.#take(STRING)
      if (!text) throw this.#fault('a name in double quotes was expected')
      const name = JSON.parse(text) as string
      if (members.has(name)) throw new JsonFault(`"${name}" is there twice. Remove one of them.`, at)
      this.#take(SPACE)
      if (!this.#skip(':')) throw this.#fault(`a colon was expected after "${name}"`)
      members.set(name, this.#value([...path, name]))
      // The name is where a reader looks.
      this.offsets.set(key([...path, name]), at)
    })
    return Object.fromEntries(members)
  }

  #array(path: readonly string[]): unknown {
    const items: unknown[] = []
    this.#list(']', () => void items.push(this.#value([...path, String(items.length)])))
    return items
  }

  #list(end: string, readOne: () => void): void {
    this.#at++
    this.#take(SPACE)
    if (this.#skip(end)) return
    for (;;) {
      readOne()
      this.#take(SPACE)
      if (this.#skip(end)) return
      const comma = this.#at
      if (!this.#skip(',')) throw this.#fault(`a comma or ${end} was expected`)
      this.#take(SPACE)
      if (this.#isNext(end)) throw new JsonFault(`there is a comma before ${end}. Remove it.`, comma)
    }
  }

  #scalar(expected: string): unknown {
    const text = this.#take(STRING) || this.#take(NUMBER) || this.#take(WORD)
    if (!text) throw this.#fault(expected)
    return JSON.parse(text)
  }

  #fault(expected: string): JsonFault {
    const rest = this.#text.slice(this.#at)
    if (/^\/[/*]/.test(rest)) return new JsonFault('JSON has no comments. Remove it, or write a .js file.', this.#at)
    const got = rest === '' ? 'the end of the file' : JSON.stringify(/^[\w-]+|^./su.exec(rest)?.[0] ?? '')
    return new JsonFault(`${expected}, got ${got}.`, this.#at)
  }

  #isNext(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #skip(text: string): boolean {
    if (!this.#isNext(text)) return false
    this.#at += text.length
    return true
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }
}
