import type { Findings } from '../hooks/findings.ts'
import type { StopResult } from '../process-tree/stop/stop-result.ts'
import type { ChildEnd } from './life/child-end.ts'

/** What the report says of a child: how it ended, who of its tree was told when, and who had to be killed. */
export function childFindings(
  child: { readonly name: string; readonly pid: number; readonly end: ChildEnd | undefined },
  /** Of a stop that still runs, who was told so far. */
  result: StopResult | Pick<StopResult, 'told'>,
  /** When its stop began, in milliseconds since the shutdown did; who was told before that counts as told at once. */
  startedMs: number,
): Findings {
  const { name, pid, end } = child
  const { told, killed, durationMs } = { killed: 0, durationMs: 0, ...result }
  return {
    children: [
      {
        ...{ name, pid, code: end?.code ?? null, signal: end?.signal ?? null },
        told: told.map((one) => ({
          pid: one.pid,
          name: one.name,
          atMs: Math.max(0, Math.round(startedMs + one.atMs)),
        })),
        killed,
        durationMs: Math.round(durationMs),
      },
    ],
    survivors: 'survivors' in result ? survivorsOf(result) : [],
    faults: killed > 0 ? [`${killed} ${killed === 1 ? 'process' : 'processes'} of ${name} had to be killed`] : [],
  }
}

/** Who is still there, and why. */
export function survivorsOf({ survivors, denied }: StopResult): NonNullable<Findings['survivors']> {
  const refused = new Set(denied.map((member) => member.pid))
  return survivors.map(({ pid, comm }) => ({
    pid,
    name: comm,
    why: refused.has(pid) ? 'no right to signal it' : 'SIGKILL did not end it',
  }))
}
