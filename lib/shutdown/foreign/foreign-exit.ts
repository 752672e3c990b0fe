import type { Exit } from '../../report/exit-code.ts'
import type { ExitCall, Report } from '../../report/report.ts'
import { callerOfExit } from './exit-caller.ts'

/**
 * `process.exit()` by somebody else in the middle of a shutdown cannot be prevented; an `exit` listener can still tell
 * the truth: the report, unless it is out already, with whoever called, and the exit code of the table. Returns what
 * takes the listener off.
 */
export function onForeignExit(
  interrupted: (by: ExitCall | undefined) => { report?: Report; exit: Exit } | undefined,
  publish: (report: Report) => void,
): () => void {
  const listener = (code: number): void => {
    const found = interrupted(callerOfExit(listener, code))
    if (!found) return
    process.exitCode = found.exit.code
    if (found.report) publish(found.report)
  }
  process.on('exit', listener)
  return () => process.off('exit', listener)
}

/** Listeners of `signals` that are not ours: libraries that exit or re-raise by themselves. */
export function foreignListeners(signals: readonly NodeJS.Signals[], ours: number): Report['foreignListeners'] {
  return signals.flatMap((signal) => {
    const listeners = process.listeners(signal)
    const count = listeners.length - ours
    if (count <= 0) return []
    const names = listeners.map((listener) => listener.name).filter((name) => name !== '')
    return [{ signal, count, names }]
  })
}
