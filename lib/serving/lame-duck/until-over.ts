import type { Now } from '../../clock/deadline.ts'
import type { LameDuckReport } from '../../hooks/traffic-report.ts'
import { clearInterval, setInterval } from '../../real-time.ts'
import type { Ended } from './findings.ts'
import { judge, type Plan } from './rule.ts'
import type { Sources } from './sources.ts'
import type { Times } from './times.ts'

export interface Lasting {
  readonly sources: Sources
  readonly plan: Plan
  readonly times: Times
  readonly now: Now
  /** Aborts at the hook's limit. */
  readonly signal: AbortSignal
  /** Why it has to end now, in words, whoever still sends. */
  readonly mustEnd: () => string | undefined
}

/** Looks again and again whether the listeners may close; resolves with how that came about. */
export function untilOver(lasting: Lasting): Promise<Pick<Ended, 'end' | 'blockedBy' | 'why'>> {
  const { sources, plan, times, now, signal, mustEnd } = lasting
  return new Promise((resolve) => {
    let blockedBy: LameDuckReport['blockedBy'] = null
    const done = (end: Ended['end'], why?: string): void => {
      clearInterval(timer)
      signal.removeEventListener('abort', atLimit)
      resolve({ end, why, blockedBy: end === 'quiet' ? null : blockedBy })
    }
    const atLimit = (): void => done('limit')
    const look = (): void => {
      const why = mustEnd()
      const judged = judge(sources, plan, times, now())
      if (why !== undefined) done('time', why)
      else if ('end' in judged) done(judged.end)
      else blockedBy = judged.blockedBy
    }
    const timer = setInterval(look, times.everyMs)
    signal.addEventListener('abort', atLimit, { once: true })
    look()
  })
}
