import { printOnStderr } from '../../on-stderr.ts'
import type { GracePeriod } from '../grace-period.ts'

const said = new Set<string>()

/** Says what could not be used, and what counts instead: once, however many shutdowns a process makes. */
export function sayIgnored({ seconds, source, ignored = [] }: GracePeriod): void {
  for (const what of ignored) {
    if (said.has(what)) continue
    said.add(what)
    printOnStderr(`lastcall: ${what}. The grace period is ${seconds} s (${source}).\n`)
  }
}
