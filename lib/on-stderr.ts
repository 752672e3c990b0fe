/**
 * Prints on stderr, and never throws: an app may have replaced `write` by what throws, or by an async function that fails,
 * and the error of it would be printed in its turn, without end. Then the text goes to the descriptor.
 */
export function printOnStderr(text: string): void {
  try {
    const written: unknown = process.stderr.write(text)
    if (written instanceof Promise) written.catch(() => printOnDescriptor(text))
  } catch {
    printOnDescriptor(text)
  }
}

function printOnDescriptor(text: string): void {
  try {
    process.getBuiltinModule('node:fs').writeSync(2, text)
  } catch {
    // Closed, or a pipe that nobody reads: there is no other place.
  }
}
