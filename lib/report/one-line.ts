import { stripVTControlCharacters } from 'node:util'

const encoder = new TextEncoder()

/**
 * `text` on one line and within `maxBytes` of UTF-8, in whole characters; what is cut is marked by `…`. Names and
 * messages come from outside: a line break in one would forge a line of the log, an escape sequence colour it.
 */
export function oneLine(text: string, maxBytes: number): string {
  const line = stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
  // encodeInto stops before a character that does not fit whole.
  const { read } = encoder.encodeInto(line, new Uint8Array(maxBytes))
  if (read === line.length) return line
  const { read: kept } = encoder.encodeInto(line, new Uint8Array(maxBytes - 3))
  return `${line.slice(0, kept)}…`
}

/** The first `most` of `items`, and how many more there are. */
export function firstFew(items: readonly string[], most: number, between: string): string {
  const more = items.length - most
  return more > 0 ? [...items.slice(0, most), `and ${more} more`].join(between) : items.join(between)
}
