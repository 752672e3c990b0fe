/**
 * Writes to stdout. A reader that has gone (`lastcall tree 1 | head -1`) wanted no more: without a listener Node would
 * print a stack, and end with 1 instead of what the command has to say.
 */
export function print(text: string): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  process.stdout.write(text)
}
