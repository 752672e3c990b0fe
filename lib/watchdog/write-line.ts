import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { sleep } from '../real-time.ts'

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants

/**
 * A line on stderr, unless that takes long: a pipe that nobody reads would block this thread, too, and may be what main
 * is blocked by. Opened anew, a pipe or terminal can be written to without waiting.
 */
export async function writeLine(line: string, withinMs: number): Promise<void> {
  const text = `${line}\n`
  try {
    const stderr = fstatSync(2)
    // Opened anew, a file would be written from its start.
    if (stderr.isFile()) return void writeSync(2, text)
    if (!stderr.isSocket()) return writeAnew(text)
  } catch {
    // Closed, or not ours to open.
  }
  // A socket cannot be opened. Another thread waits for it, and we no longer than we can.
  const written = new Promise<void>((resolve) => write(2, text, () => resolve()))
  await Promise.race([written, sleep(withinMs)])
}

function writeAnew(text: string): void {
  const fd = openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK | O_NOCTTY)
  try {
    writeSync(fd, text)
  } catch {
    // Full: the report file has it.
  } finally {
    closeSync(fd)
  }
}
