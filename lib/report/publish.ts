import { debugLog } from '../debug-log.ts'
import { printOnStderr } from '../on-stderr.ts'
import { errorText } from './build-report.ts'
import type { Report } from './report.ts'
import { writeReportFile } from './report-file.ts'
import { reportLine, reportText } from './report-text.ts'
import { TerminationLog } from './termination-log.ts'

const debug = debugLog('report')

export interface Readers {
  readonly reportFile: string | undefined
  readonly terminationLog: string | undefined
  readonly logger: ((line: string, report: Report) => void) | undefined
}

/** Hands the report to everybody who asked for it. A reader that fails costs the others nothing. */
export function publishReport(report: Report, { reportFile, terminationLog, logger = writeLine }: Readers): void {
  if (reportFile !== undefined) {
    const error = writeReportFile(reportFile, report)
    if (error) printOnStderr(`lastcall: the report was not written to ${reportFile}: ${error.message}\n`)
  }
  if (report.ended === 'in progress') return
  // Only then: it is the whole report in words, in the middle of an exit.
  if (process.env.DEBUG) debug('%s', reportText(report))
  const line = reportLine(report)
  if (terminationLog !== undefined) {
    const error = new TerminationLog(terminationLog).tell(line)
    // Outside of a pod it is not there, and where it is, nothing depends on it.
    if (error) debug('nothing was written to %s: %s', terminationLog, error.message)
  }
  // A logger that fails must not cost the verdict: `logger: log.info`, unbound, is the likely slip.
  attempt(
    () => logger(line, report),
    () => writeLine(line),
  )
  // Loaded now: a program that never stops never needs it.
  attempt(() => process.getBuiltinModule('node:diagnostics_channel').channel('lastcall:report').publish(report))
}

function writeLine(line: string): void {
  printOnStderr(`${line}\n`)
}

function attempt(run: () => unknown, instead: () => void = () => {}): void {
  const failed = (error: unknown): void => {
    tellFailure(error)
    instead()
  }
  try {
    // An async logger fits the type too; left alone, its rejection would be an uncaught error, or vanish in the exit.
    const result = run()
    if (result instanceof Promise) result.catch(failed)
  } catch (error) {
    failed(error)
  }
}

function tellFailure(error: unknown): void {
  printOnStderr(`lastcall: a reader of the report failed: ${errorText(error).message}\n`)
}
