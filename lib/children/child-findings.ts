import type { Findings } from '../hooks/findings.ts'
import type { StopResult } from '../process-tree/stop/stop-result.ts'
import type { ChildEnd } from './life/child-end.ts'

/** What the report says of a child: how it ended, who of its tree was told when, and who had to be killed. */
export function childFindings(
  child: { readonly name: string; readonly pid: number; readonly end: ChildEnd | undefined },
  result: StopResult | undefined,
  /** When its stop began, in milliseconds since the shutdown did. */
  startedMs: number,
): Findings {
  const { name, pid, end } = child
  const { told = [], killed = 0, survivors = [], denied = [], durationMs = 0 } = result ?? {}
  const refused = new Set(denied.map((member) => member.pid))
  return {
    children: [
      {
        ...{ name, pid, code: end?.code ?? null, signal: end?.signal ?? null },
        told: told.map((one) => ({ pid: one.pid, name: one.name, atMs: Math.round(startedMs + one.atMs) })),
        killed,
        durationMs: Math.round(durationMs),
      },
    ],
    survivors: survivors.map((member) => ({
      pid: member.pid,
      name: member.comm,
      why: refused.has(member.pid) ? 'no right to signal it' : 'SIGKILL did not end it',
    })),
    faults: killed > 0 ? [`${killed} ${killed === 1 ? 'process' : 'processes'} of ${name} had to be killed`] : [],
  }
}
