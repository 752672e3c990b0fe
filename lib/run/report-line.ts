import type { Report } from '../report/report.ts'

/** One line for stderr when something was not clean; nothing otherwise: the command's output is the user's own. */
export function reportLine(report: Report): string | undefined {
  return report.outcome === 'clean' ? undefined : `lastcall run: ${report.verdict}`
}
