import { createShutdown } from '../create-shutdown.ts'
import type { Shutdown } from '../shutdown-handle.ts'
import { ALWAYS_PASSED } from './pass-signals.ts'

/** The signals that begin a stop. */
export const STOPPING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']

export interface RunShutdownOptions {
  readonly terminationGracePeriodSeconds?: number | undefined
  readonly reportFile?: string | undefined
  /** Signals handed on that begin no stop. */
  readonly pass: readonly NodeJS.Signals[]
}

/** The shutdown of `lastcall run`, which says and exits for itself when it is over. */
export function runShutdown({ terminationGracePeriodSeconds, reportFile, pass }: RunShutdownOptions): {
  readonly shutdown: Shutdown
  /** The report for people; empty before the end. */
  readonly reportLine: () => string
} {
  let reportLine = ''
  const shutdown = createShutdown({
    exit: false,
    // Nothing of others runs in this process that could block it, and small containers feel the start of a thread.
    watchdog: false,
    signals: STOPPING.filter((signal) => !pass.includes(signal)),
    logger: (line) => {
      reportLine = line
      stayDeaf([...STOPPING, ...ALWAYS_PASSED, ...pass])
    },
    ...(terminationGracePeriodSeconds !== undefined && { terminationGracePeriodSeconds }),
    ...(reportFile !== undefined && { reportFile }),
  })
  return { shutdown, reportLine: () => reportLine }
}

/**
 * The end takes every listener off, and what `run` has to say comes after that. A signal that comes then, repeated by a
 * supervisor or a terminal, would meet the default action: 143 in place of the command's own code. These go with the process.
 */
function stayDeaf(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) process.on(signal, () => {})
}
