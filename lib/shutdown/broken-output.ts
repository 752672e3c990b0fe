import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'

/**
 * The reader of our output has gone (`node app.js | head -1`, a log shipper that died). Reporting that would write to
 * the same pipe, fail, and be reported. The error itself does not say which stream it is from, and Node resets
 * `stdout.errored`, so the descriptors are asked.
 */
export function isBrokenOutput(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return (code === 'EPIPE' || code === 'EIO') && (isBroken(1) || isBroken(2))
}

function isBroken(fd: number): boolean {
  try {
    // Nothing is written: a socket whose peer has gone answers EPIPE, a terminal that hung up EIO.
    writeSync(fd, new Uint8Array())
    return fstatSync(fd).isFIFO() && hasNoReader(fd)
  } catch (error) {
    return ['EPIPE', 'EIO', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}

/** fifo(7): opening the write end without blocking fails with ENXIO when nobody has it open for reading. */
function hasNoReader(fd: number): boolean {
  try {
    closeSync(openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO'
  }
}
