import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { LINE_BYTES } from './report-text.ts'

/** Where a pod's `terminationMessagePath` is unless it says otherwise. */
export const TERMINATION_LOG = '/dev/termination-log'

const { O_RDWR, O_CREAT } = constants

/** The message that a pod shows of this container. */
export class TerminationLog {
  readonly #path: string
  /** What we have put there ourselves. */
  #told = ''

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Puts `line` on top, in place of our last one: what was there, by a lastcall below us or by the app, stays beneath it,
   * and all of it within 2,048 bytes. Never throws; returns what went wrong.
   */
  tell(line: string): Error | undefined {
    let fd: number | undefined
    try {
      fd = open(this.#path)
      const there = read(fd)
      const beneath = there.slice(there.startsWith(this.#told) ? this.#told.length : 0).trim()
      const bytes = new Uint8Array(LINE_BYTES)
      // Stops before a character that does not fit whole.
      const { written } = new TextEncoder().encodeInto(beneath === '' ? line : `${line}\n${beneath}`, bytes)
      this.#told = line
      write(fd, bytes.subarray(0, written))
      return undefined
    } catch (error) {
      return error as Error
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }
}

/** The kubelet mounts the file, so that it cannot be replaced; and one that we made in /dev nobody would read. */
function open(path: string): number {
  return openSync(path, O_RDWR | (path === TERMINATION_LOG ? 0 : O_CREAT), 0o666)
}

/** From its start, which a pipe in its place does not have: that fails, and holds nobody. */
function read(fd: number): string {
  const bytes = Buffer.alloc(LINE_BYTES)
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, LINE_BYTES, 0))
}

function write(fd: number, bytes: Uint8Array): void {
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, done)
  } finally {
    // On a full disk a part of it, in whole characters: a byte 10xxxxxx continues one.
    while (done < bytes.length && ((bytes[done] as number) & 0xc0) === 0x80) done--
    ftruncateSync(fd, done)
  }
}
