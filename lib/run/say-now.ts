import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'

/**
 * Writes to stderr while the command lives, which shares it. `process.stderr` would make a pipe non-blocking for both,
 * and the command's own writes would fail with EAGAIN; a blocking write would hold the event loop, and with it the
 * deadline, for as long as nobody reads. A pipe or terminal that is opened once more has flags of its own.
 */
export function sayNow(text: string): void {
  try {
    const stderr = fstatSync(2)
    if (!stderr.isFIFO() && !stderr.isCharacterDevice()) {
      writeSync(2, text)
      return
    }
    const own = openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      writeSync(own, text)
    } finally {
      closeSync(own)
    }
  } catch {
    // Nobody reads, or nobody may: the report says it again.
  }
}
