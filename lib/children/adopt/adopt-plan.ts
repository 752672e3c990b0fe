import { checkName } from '../../hooks/hook.ts'
import { badOption, checkKeys, checkMs, checkOneOf } from '../../options.ts'
import { checkAfter, checkGiveUp, checkStopSignal } from '../plan/child-plan.ts'
import type { RestartPolicy } from '../restart.ts'
import type { AdoptedKind, AdoptOptions } from './adopt-options.ts'

const EVERY = ['after', 'stopTimeoutMs']

/** What fits which kind. */
const KNOWN: Readonly<Record<AdoptedKind, readonly string[]>> = {
  process: [...EVERY, 'stopSignal', 'significant'],
  'cluster worker': [...EVERY, 'stopSignal', 'significant'],
  cluster: [...EVERY, 'stopSignal', 'restart', 'onGiveUp'],
  thread: [...EVERY, 'significant', 'message'],
  pool: EVERY,
}

/** The options, checked and complete. */
export interface AdoptPlan {
  readonly name: string
  readonly after: readonly string[]
  readonly stopSignal: NodeJS.Signals
  readonly stopTimeoutMs: number | undefined
  readonly significant: boolean
  readonly restart: RestartPolicy
  readonly onGiveUp: AdoptOptions['onGiveUp'] | undefined
  readonly message: unknown
}

export function checkAdoption(name: unknown, kind: AdoptedKind, options: AdoptOptions): AdoptPlan {
  checkName('adopt', name)
  checkKeys(`adopt of a ${kind}`, options, KNOWN[kind])
  const { stopTimeoutMs, onGiveUp, message } = options
  checkOneOf('adopt.restart', options.restart, ['on-failure', 'never', 'always'])
  checkOneOf('adopt.significant', options.significant, [true, false])
  checkMs('adopt.stopTimeoutMs', stopTimeoutMs)
  checkGiveUp(onGiveUp, 'adopt')
  if (message !== undefined) checkMessage(message)
  return {
    name,
    after: checkAfter(name, options.after ?? [], 'adopt'),
    stopSignal: checkStopSignal(options.stopSignal ?? 'SIGTERM', 'adopt'),
    stopTimeoutMs,
    significant: options.significant ?? false,
    restart: options.restart ?? 'on-failure',
    onGiveUp,
    message,
  }
}

/** At the stop it would be too late to find out. */
function checkMessage(message: unknown): void {
  try {
    structuredClone(message)
  } catch {
    throw badOption('adopt.message', 'something that postMessage can send', message, "Write message: 'stop'.")
  }
}
