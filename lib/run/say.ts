import { Buffer } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { performance, sleep } from '../real-time.ts'

/**
 * stderr is shared with the command, and so are its flags: libuv makes it blocking for the command when that is started,
 * and a write of ours would then hold the event loop, and with it the deadline, for as long as nobody reads. A pipe or
 * terminal that is opened once more has flags of its own. A file never blocks; a socket cannot be opened again.
 */
function openOwn(): number | undefined {
  const stderr = fstatSync(2)
  if (!stderr.isFIFO() && !stderr.isCharacterDevice()) return undefined
  return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
}

/** A line on stderr while the command lives: now or never, the report says it again. */
export function sayNow(text: string): void {
  try {
    const own = openOwn()
    writeSync(own ?? 2, text)
    if (own !== undefined) closeSync(own)
  } catch {
    // Nobody reads, or nobody may.
  }
}

/** All of `text` on stderr when the command has gone; a reader that never comes is waited for no longer than `withinMs`. */
export async function say(text: string, withinMs: number): Promise<void> {
  try {
    if (fstatSync(2).isSocket()) return await saySocket(text, withinMs)
    const own = openOwn()
    let rest = Buffer.from(text)
    for (const end = performance.now() + withinMs; rest.length > 0 && performance.now() < end; ) {
      rest = rest.subarray(writeSome(own ?? 2, rest))
      if (rest.length > 0) await sleep(10)
    }
    if (own !== undefined) closeSync(own)
  } catch {
    // Nobody reads any more.
  }
}

function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}

/** Nobody else needs its flags any more: a stream of our own makes it non-blocking. */
async function saySocket(text: string, withinMs: number): Promise<void> {
  const socket = new Socket({ fd: 2, readable: false, writable: true })
  const written = new Promise<void>((resolve) => {
    socket.once('error', () => resolve())
    socket.write(text, () => resolve())
  })
  await Promise.race([written, sleep(withinMs)])
}
