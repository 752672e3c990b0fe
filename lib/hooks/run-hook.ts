import { setMaxListeners } from 'node:events'
import type { Now } from '../clock/deadline.ts'
import type { Limit } from '../clock/limit.ts'
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
  /** When it has ended, at the latest; it may move while the hook runs. */
  readonly limit: Limit
  readonly late: boolean
  /** Aborts when a second signal forces the exit. */
  readonly forced: AbortSignal
  /** How much earlier our own parts are told, in milliseconds, so that what they force or kill is counted in time. */
  readonly overtimeMs: number
  /** Calls `run` so that `begin` can tell that it is called from inside a hook. */
  readonly inside: <T>(run: () => T) => T
  readonly started: () => void
}

type Cut = 'timed out' | 'running'

/** @internal Runs one hook under its limit. Never rejects. */
export async function runHook(hook: Hook, frame: HookFrame): Promise<HookOutcome> {
  const { now, forced, limit } = frame
  const startedAt = now()
  const endAt = (): number =>
    Math.min(limit.at - (hook.findings ? frame.overtimeMs : 0), startedAt + (hook.timeoutMs ?? Infinity))
  let endsAt = endAt()
  const about = () => ({
    ...{ name: hook.name, phase: hook.phase, limitMs: Math.max(0, endsAt - startedAt), late: frame.late },
    ...(hook.how && { how: hook.how }),
  })
  if (endsAt <= startedAt || (forced.aborted && !hook.evenForced)) {
    return { ...about(), ...findings(hook), outcome: 'never ran', startedAt: null, endedAt: null }
  }

  const over = new AbortController()
  // Each hook listens to the one, and a hook may hand on the other to as many calls as it likes: Node warns from eleven.
  setMaxListeners(0, forced, over.signal)
  const dateOf = (): Date => new Date(Math.min(Date.now() + endsAt - now(), LAST_DATE))
  let deadline = dateOf()
  const context: HookContext = {
    signal: over.signal,
    get deadline() {
      return deadline
    },
    remainingMs: () => (over.signal.aborted ? 0 : Math.max(0, endsAt - now())),
    reason: frame.reason,
  }
  let endEarly = (_: Cut): void => {}
  let stopOvertime = (): void => {}
  const cut = new Promise<[Cut]>((resolve) => {
    endEarly = (outcome) => {
      stopOvertime()
      if (hook.findings) stopOvertime = startTimer(frame.overtimeMs, () => resolve([outcome]))
      else resolve([outcome])
    }
  })
  const onForced = (): void => {
    over.abort(new DOMException(`hook "${hook.name}" was cut short by a second signal`, 'AbortError'))
    endEarly('running')
  }
  const start = (): (() => void) =>
    startTimer(endsAt - now(), () => {
      over.abort(new DOMException(`hook "${hook.name}" had ${Math.round(endsAt - startedAt)} ms`, 'TimeoutError'))
      endEarly('timed out')
    })
  let stopTimer = start()
  const offMoved = limit.onMoved(() => {
    if (over.signal.aborted) return
    endsAt = endAt()
    deadline = dateOf()
    stopTimer()
    stopTimer = start()
  })
  forced.addEventListener('abort', onForced, { once: true })
  frame.started()
  // A rejection that comes after the limit is nobody's news: this catches it, and it is not unhandled.
  // On Node 20 and 22 what `inside` needs costs each asynchronous step of the whole process, until its end.
  const run = async (): Promise<unknown> => hook.run(context)
  const ran = (hook.isOurs ? run() : frame.inside(run)).then(
    (): ['done'] => ['done'],
    (error: unknown): ['failed', unknown] => ['failed', error],
  )
  if (forced.aborted) onForced()
  const [outcome, error] = await Promise.race([ran, cut])
  stopTimer()
  // Else the report would name it as an open handle of the app's.
  stopOvertime()
  offMoved()
  forced.removeEventListener('abort', onForced)
  const ended = { ...about(), ...findings(hook), outcome, startedAt, endedAt: outcome === 'running' ? null : now() }
  return outcome === 'failed' ? { ...ended, error } : ended
}

function findings(hook: Hook): { findings?: Findings } {
  try {
    return hook.findings ? { findings: hook.findings() } : {}
  } catch (error) {
    return { findings: { faults: [`what became of "${hook.name}" cannot be told: ${String(error)}`] } }
  }
}
