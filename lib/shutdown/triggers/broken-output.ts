import { closeSync, constants, fstatSync, openSync, readlinkSync, writeSync } from 'node:fs'

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

/**
 * fifo(7): opening the write end of a named pipe without blocking fails with ENXIO when nobody has it open for reading.
 * An unnamed one opens all the same, and takes nothing for an answer but a byte: a line end, which comes before the
 * stack of an error that ends the process, if somebody reads it at all. Our own opening never blocks.
 */
function hasNoReader(fd: number): boolean {
  let own: number | undefined
  try {
    own = openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK)
    if (readlinkSync(`/dev/fd/${fd}`).startsWith('pipe:')) writeSync(own, '\n')
    return false
  } catch (error) {
    return ['ENXIO', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    if (own !== undefined) closeSync(own)
  }
}
