import process from 'node:process'

/** A block of lines at the end of the output: redrawn in place on a terminal, written once elsewhere. */
export class Block {
  #height = 0

  draw(lines: readonly string[], isLast: boolean): void {
    const { stdout } = process
    // Where lines would wrap, their number is not their height.
    const redraws = stdout.isTTY && stdout.columns >= 80
    if (!redraws && !isLast) return
    // Up to the block's first line, and clear from there: lines may have become shorter.
    if (this.#height > 0) stdout.write(`\x1b[${this.#height}A\x1b[J`)
    stdout.write(`${lines.join('\n')}\n`)
    this.#height = lines.length
  }
}
