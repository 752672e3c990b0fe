import type { StopResult } from '../process-tree/stop/stop-result.ts'

/** More names than this nobody reads in one line; the report has them all. */
const MOST_NAMES = 5

interface Named {
  readonly pid: number
  readonly name: string
}

/** What was not clean about a stop, in words for the verdict. */
export function stopFaults({ told, deaf, unstopped, killed, denied, survivors }: StopResult): string[] {
  const faults: string[] = []
  if (killed > 0) {
    const deafPids = new Set(deaf.map(({ pid }) => pid))
    const names = list(unstopped, ({ pid }) => (deafPids.has(pid) ? ', ignores the signal' : ''))
    faults.push(`${killed} ${killed === 1 ? 'process' : 'processes'} had to be killed${names && `: ${names}`}`)
  }
  const late = told.filter((one) => one.late)
  if (late.length > 0) {
    faults.push(`told only when time ran short: ${list(late)}; name the launcher above it with --step-over`)
  }
  // Who could not be signalled and is still there is a survivor, and said so there.
  const left = new Set(survivors.map(({ pid }) => pid))
  const refused = denied.filter(({ pid }) => !left.has(pid)).map(({ pid, comm }) => ({ pid, name: comm }))
  if (refused.length > 0) faults.push(`no right to signal ${list(refused)}`)
  return faults
}

function list(procs: readonly Named[], remark: (one: Named) => string = () => ''): string {
  const names = procs.slice(0, MOST_NAMES).map((one) => `${one.name} (pid ${one.pid}${remark(one)})`)
  const more = procs.length - names.length
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
