import type { Now } from '../clock/deadline.ts'
import type { Phase } from '../clock/phases.ts'
import { startTimer } from '../clock/timer.ts'
import type { Findings } from './findings.ts'
import type { Hook, HookContext } from './hook.ts'
import type { Reason } from './reason.ts'

/**
 * How a hook ended: `done`; `failed`, it threw; `timed out`, its limit came first; `running`, the exit was forced while
 * it ran; `never ran`, no time was left or the exit was forced before it began.
 */
export type Outcome = 'done' | 'failed' | 'timed out' | 'running' | 'never ran'

/** @internal What running a hook makes; the report is built from these. Times are on the monotonic clock. */
export interface HookOutcome {
  readonly name: string
  readonly phase: Phase
  readonly outcome: Outcome
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly limitMs: number
  readonly late: boolean
  readonly how?: string
  readonly error?: unknown
  readonly findings?: Findings
}

/** A Date beyond this is invalid, and its `toISOString` throws. A grace period may be longer. */
const LAST_DATE = 8.64e15

/** @internal What a hook runs in. */
export interface HookFrame {
  readonly reason: Reason
  readonly now: Now
  readonly limitMs: number
  readonly late: boolean
  /** Aborts when a second signal forces the exit. */
  readonly forced: AbortSignal
  /** What our own parts get of their limit, in milliseconds, to kill or force what is left and count it. */
  readonly overtimeMs: number
  /** Calls `run` so that `begin` can tell that it is called from inside a hook. */
  readonly inside: <T>(run: () => T) => T
  readonly started: () => void
}

type Cut = 'timed out' | 'running'

/** @internal Runs one hook under its limit. Never rejects. */
export async function runHook(hook: Hook, frame: HookFrame): Promise<HookOutcome> {
  const { now, forced } = frame
  // Our own parts stop a little early, so that what they force or kill is counted before the limit.
  const ownMs = hook.findings ? frame.limitMs - frame.overtimeMs : frame.limitMs
  const limitMs = Math.min(ownMs, hook.timeoutMs ?? Infinity)
  const about = { name: hook.name, phase: hook.phase, limitMs, late: frame.late, ...(hook.how && { how: hook.how }) }
  if (limitMs <= 0 || forced.aborted) {
    return { ...about, ...findings(hook), outcome: 'never ran', startedAt: null, endedAt: null }
  }

  const startedAt = now()
  const limit = new AbortController()
  const context: HookContext = {
    signal: limit.signal,
    deadline: new Date(Math.min(Date.now() + limitMs, LAST_DATE)),
    remainingMs: () => (limit.signal.aborted ? 0 : Math.max(0, startedAt + limitMs - now())),
    reason: frame.reason,
  }
  let endEarly = (_: Cut): void => {}
  const cut = new Promise<[Cut]>((resolve) => {
    endEarly = (outcome) =>
      hook.findings ? void startTimer(frame.overtimeMs, () => resolve([outcome])) : resolve([outcome])
  })
  const onForced = (): void => {
    limit.abort(new DOMException(`hook "${hook.name}" was cut short by a second signal`, 'AbortError'))
    endEarly('running')
  }
  const stopTimer = startTimer(limitMs, () => {
    limit.abort(new DOMException(`hook "${hook.name}" had ${Math.round(limitMs)} ms`, 'TimeoutError'))
    endEarly('timed out')
  })
  forced.addEventListener('abort', onForced, { once: true })
  frame.started()
  // A rejection that comes after the limit is nobody's news: this catches it, and it is not unhandled.
  const ran = (async () => frame.inside(() => hook.run(context)))().then(
    (): ['done'] => ['done'],
    (error: unknown): ['failed', unknown] => ['failed', error],
  )
  const [outcome, error] = await Promise.race([ran, cut])
  stopTimer()
  forced.removeEventListener('abort', onForced)
  const ended = { ...about, ...findings(hook), outcome, startedAt, endedAt: outcome === 'running' ? null : now() }
  return outcome === 'failed' ? { ...ended, error } : ended
}

function findings(hook: Hook): { findings?: Findings } {
  return hook.findings ? { findings: hook.findings() } : {}
}
