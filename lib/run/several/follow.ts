import type { Child } from '../../children/child.ts'
import { performance } from '../../real-time.ts'
import type { CommandPlan } from './config/check-command.ts'
import type { CommandEnd } from './exit-code.ts'

export interface Followers {
  /** A line for people about the course of events. */
  readonly say: (text: string) => void
  readonly isStopping: () => boolean
  /** Its last end; undefined for a command that never ran. */
  readonly ended: (end: CommandEnd | undefined, isFailed: boolean) => void
}

/** Follows one command through its life: says what happens to it, and tells of its last end. */
export function follow(child: Child, { name, options }: CommandPlan, { say, isStopping, ended }: Followers): void {
  const waits = options.ready !== undefined && options.ready !== 'spawn'
  let pid = 0
  let startedAt = performance.now()
  let last: { code: number | null; signal: NodeJS.Signals | null } | undefined
  let told: NodeJS.Signals | undefined
  let wasReady = false
  let wasLate = false
  let wasRefused = false
  const howItEnded = (): string => {
    if (wasLate) return 'was not ready in time'
    if (!last) return 'was not started'
    if (wasRefused) return 'could not be started'
    return last.signal ? `ended by ${last.signal}` : `ended with code ${last.code}`
  }

  child.on('exit', ({ code, signal }) => {
    // The kernel's answer to its start: its program or folder went after the check.
    wasRefused = child.pid === undefined
    pid = child.pid ?? pid
    last = { code, signal }
  })
  child.on('state', ({ state, restartMs = 0 }) => {
    if (state === 'starting') {
      startedAt = performance.now()
      told = undefined
      wasReady = false
      wasLate = false
    }
    if (state === 'ready') {
      wasReady = true
      pid = child.pid ?? pid
      say(waits ? `${name} is ready after ${seconds(performance.now() - startedAt)}` : `${name} started, pid ${pid}`)
    }
    if (state === 'stopping') {
      // Nobody asks for a stop but the shutdown, and the limit of its readiness.
      wasLate = !isStopping() && !wasReady
      if (!wasLate) told = options.stopSignal
    }
    if (state === 'waiting') say(`${name} ${howItEnded()}, again in ${Math.round(restartMs)} ms`)
    if (state !== 'gone' && state !== 'failed') return
    const isFailed = state === 'failed'
    const ran = last !== undefined || isFailed
    if (ran) say(`${name} ${howItEnded()}`)
    const { code, signal } = wasLate || !last ? { code: 1, signal: null } : last
    ended(ran ? { name, pid, code, signal, failed: isFailed, told } : undefined, isFailed)
  })
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
