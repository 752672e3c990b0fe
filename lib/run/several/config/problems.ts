import { LastcallError } from '../../../errors.ts'
import { nearest } from '../../../options.ts'

/** Everything that is wrong with a configuration: who corrects it wants to know all of it at once. */
export class Problems {
  readonly #lines: string[] = []
  readonly #where: (path: readonly string[]) => string

  /** `where` names the place in the source that a member is written at. */
  constructor(where: (path: readonly string[]) => string) {
    this.#where = where
  }

  /** `text` goes on after the member's name: `must be …`. */
  add(path: readonly string[], text: string): void {
    const name = path.join('.')
    const place = this.#where(path)
    this.#lines.push([...(place === '' ? [] : [`${place}:`]), ...(name === '' ? [] : [name]), text].join(' '))
  }

  /**
   * A slip of the keyboard would else be a command without its limit, and nobody would know. Returns which key has the
   * value of `needed`: what stands at a slip is read as what was meant, so that it is one error and not two.
   */
  unknown(path: readonly string[], given: object, known: readonly string[], needed: string): string {
    let has = needed
    for (const key of Object.keys(given)) {
      if (known.includes(key)) continue
      const near = nearest(key, known)
      this.add([...path, key], `is no option. ${near ? `Did you mean ${near}?` : `Known: ${known.join(', ')}.`}`)
      if (near === needed && !(needed in given)) has = key
    }
    return has
  }

  /** What a check of the library says of its option is said of the member that was given for it. */
  attempt<T>(path: readonly string[], check: () => T): T | undefined {
    try {
      return check()
    } catch (error) {
      if (!(error instanceof LastcallError)) throw error
      const [, option, text] = /^lastcall: option (?:\w+\.)?(\w+) (.*)$/s.exec(error.message) ?? []
      if (option && text) this.add([...path, ...(path.at(-1) === option ? [] : [option])], text)
      else this.add(path, error.message.replace(/^lastcall: /, ''))
      return undefined
    }
  }

  /** @throws {LastcallError} */
  throwIfAny(): void {
    const [first, ...more] = this.#lines
    if (first === undefined) return
    const text = more.length === 0 ? first : `${this.#lines.length} errors:\n  ${this.#lines.join('\n  ')}`
    throw new LastcallError('ERR_LASTCALL_OPTION', `${text}\nNothing was started.`)
  }
}

/** Undefined for what has none: an array, a text, null. */
export function members(value: unknown): Record<string, unknown> | undefined {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : undefined
}
