import { constants } from 'node:os'

/** How a child process itself ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** SIGKILL is the last it got, and its end has not been heard of yet. */
export const KILLED: ChildEnd = { code: null, signal: 'SIGKILL' }

/** Its own code, or 128 + n as a shell reports it. */
export function exitCodeOf({ code, signal }: ChildEnd): number {
  if (code !== null) return code
  return signal ? 128 + constants.signals[signal] : 1
}

export function endText({ code, signal }: ChildEnd): string {
  return signal ? `it was ended by ${signal}` : `it ended with code ${code}`
}
