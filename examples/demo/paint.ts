import process from 'node:process'

/** Colours, or none: a pipe, `NO_COLOR` and a dumb terminal get plain text. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
}

export function paintFor(stream: { isTTY?: boolean }): Paint {
  const plain = !stream.isTTY || process.env.NO_COLOR || process.env.TERM === 'dumb'
  const wrap = (code: number) => (text: string) => (plain || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`)
  return { bold: wrap(1), dim: wrap(2), good: wrap(32), bad: wrap(31) }
}
