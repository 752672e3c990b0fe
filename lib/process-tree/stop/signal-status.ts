import { constants } from 'node:os'
import { fromProc } from '../find-linux.ts'

/** The signal masks of /proc/PID/status, as far as signals 1 to 31 go: no other begins a stop. */
export interface SignalStatus {
  /** Sent and not yet taken, to the process or to its main thread. */
  readonly pending: number
  readonly blocked: number
  readonly ignored: number
  readonly caught: number
}

/** Undefined where the process has gone. Readable for other users' processes too, unlike exe and environ. */
export function readSignalStatus(pid: number): SignalStatus | undefined {
  const text = fromProc(`/proc/${pid}/status`)
  if (text === undefined) return undefined
  return {
    pending: mask(text, 'SigPnd') | mask(text, 'ShdPnd'),
    blocked: mask(text, 'SigBlk'),
    ignored: mask(text, 'SigIgn'),
    caught: mask(text, 'SigCgt'),
  }
}

/** The signal's bit in such a mask. */
export function bitOf(signal: NodeJS.Signals): number {
  return 1 << (constants.signals[signal] - 1)
}

function mask(text: string, field: string): number {
  const at = text.indexOf(`\n${field}:`)
  if (at < 0) return 0
  const end = text.indexOf('\n', at + 1)
  // The last eight hex digits: signals 1 to 32.
  return Number.parseInt(text.slice(end < 0 ? -8 : end - 8, end < 0 ? undefined : end), 16) | 0
}
