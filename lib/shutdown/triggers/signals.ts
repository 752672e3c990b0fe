import { LastcallError } from '../../errors.ts'
import { badOption, checkSignalName, show } from '../../options.ts'

/** What begins a shutdown unless told otherwise. */
export const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

/** Where the app listens to these itself, they are the app's: a daemon reloads on SIGHUP. */
export const YIELDING_SIGNALS: readonly NodeJS.Signals[] = ['SIGHUP']

const MEMORY_FAULT = 'after it the process is not in a state to run JavaScript; Node calls a listener unsafe'

/** Why a signal cannot begin a shutdown. @see https://nodejs.org/docs/latest-v20.x/api/process.html#signal-events */
const REFUSED: Readonly<Record<string, string>> = {
  SIGKILL: 'no process can listen to it',
  SIGSTOP: 'no process can listen to it',
  SIGUSR1: 'Node starts its debugger with it',
  SIGSEGV: MEMORY_FAULT,
  SIGBUS: MEMORY_FAULT,
  SIGFPE: MEMORY_FAULT,
  SIGILL: MEMORY_FAULT,
}

export function checkSignals(signals: unknown): NodeJS.Signals[] {
  if (!Array.isArray(signals)) {
    throw badOption('signals', 'an array of signal names', signals, "Write ['SIGTERM', 'SIGINT'].")
  }
  for (const signal of signals) checkSignal(signal)
  return [...new Set(signals as NodeJS.Signals[])]
}

function checkSignal(signal: unknown): void {
  checkSignalName('signals', 'an array of signal names', signal)
  const why = REFUSED[signal]
  if (!why) return
  throw new LastcallError(
    'ERR_LASTCALL_SIGNAL',
    `option signals names ${show(signal)}, which cannot begin a shutdown: ${why}. Remove it from signals.`,
  )
}
