import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

/** How the command itself ended. */
export interface CommandEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A turn after the exit, when libuv has closed its handle: the report names what still holds the event loop. */
export function commandEnd(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => child.once('exit', (code, signal) => setTimeout(resolve, 0, { code, signal })))
}

/** The command's own code, or 128 + n as a shell reports it. */
export function codeOf({ code, signal }: CommandEnd): number {
  if (code !== null) return code
  return signal ? 128 + constants.signals[signal] : 1
}

export function endText({ code, signal }: CommandEnd): string {
  return signal ? `ended by ${signal}` : `code ${code}`
}
