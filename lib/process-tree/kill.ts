import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { debugLog } from '../debug-log.ts'
import type { Member, Members, Reading } from './members.ts'
import { processKey } from './process-id.ts'
import { deliver } from './stop/deliver.ts'
import { killUnseen, seesProcesses } from './without-proc.ts'

const log = debugLog('kill')

/** How a forced end went. */
export interface KillResult {
  /** How many processes SIGKILL ended. */
  readonly killed: number
  /** Who is still there: not ours to signal, or stuck in the kernel (state D) beyond the limit. */
  readonly survivors: readonly Member[]
  /** Those of the survivors that this user may not signal. */
  readonly denied: readonly Member[]
  readonly durationMs: number
}

export interface KillOptions {
  /** How long to wait for killed processes to be gone, in milliseconds. @default 5000 */
  readonly limitMs?: number
}

/** Ends every member at once, whatever it does meanwhile: frozen first, then SIGKILL, then proof that nobody is left. */
export async function killMembers(members: Members, options: KillOptions = {}): Promise<KillResult> {
  if (!seesProcesses()) return killUnseen(members)
  const steps = killSteps(members, options.limitMs ?? 5_000)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await sleep(step.value)
  }
}

/** The same without a turn of the event loop: for an `exit` listener, and for a thread that guards a deadline. */
export function killMembersSync(members: Members, options: KillOptions = {}): KillResult {
  if (!seesProcesses()) return killUnseen(members)
  const steps = killSteps(members, options.limitMs ?? 5_000)
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    Atomics.wait(never, 0, 0, step.value)
  }
}

/** The kill as steps; each yields the milliseconds to wait before the next. */
function* killSteps(members: Members, limitMs: number): Generator<number, KillResult> {
  const startedAt = performance.now()
  const seen = new Set<string>()
  const denied = new Set<string>()
  const read = (found?: (member: Member) => void): Reading => {
    const reading = members.read(found)
    for (const member of reading.living) seen.add(processKey(member))
    return reading
  }
  for (let round = 0; ; round++) {
    const isWhole = members.areWholeNamespace
    let reading = isWhole ? read() : yield* freeze(members, read, denied, startedAt + limitMs)
    const reached = isWhole ? killNamespace() : signalGroups(members, 'SIGKILL')
    const asked = new Set<string>()
    const end = (member: Member): void => {
      if (asked.has(processKey(member))) return
      asked.add(processKey(member))
      if (deliver(member, 'SIGKILL') === 'denied') denied.add(processKey(member))
    }
    for (const member of reading.living) if (!reached.has(member.pgid)) end(member)
    // Killed processes leave when the scheduler lets them: look often at first, then less.
    for (let pause = 1, rescans = 0, costMs = 0; ; pause = Math.min(pause * 2, 25)) {
      const survivors = reading.living
      const elapsed = performance.now() - startedAt
      const waitFor = survivors.filter((m) => !denied.has(processKey(m)))
      const complete = reading.vanished === 0 || rescans++ > VANISHED_RESCANS
      if ((waitFor.length === 0 && complete) || elapsed > limitMs) {
        const refused = survivors.filter((m) => denied.has(processKey(m)))
        const killed = seen.size - survivors.length
        log('killed %d processes in %d rounds and %d ms, %d survived', killed, round + 1, elapsed, survivors.length)
        return { killed, survivors, denied: refused, durationMs: elapsed }
      }
      // Never more than half of the time: who is to end needs the processor too.
      if (waitFor.length > 0) yield Math.max(pause, costMs)
      const begin = performance.now()
      reading = read()
      costMs = performance.now() - begin
      if (reading.fresh > 0) break // born in between: freeze again
      // The signal to a group passes over whom we may not signal, and says nothing of them.
      for (const member of reading.living) end(member)
    }
  }
}

/** How long frozen processes may take to stand still while nobody new appears: one in the kernel (D) stands still. */
const STANDSTILL_MS = 100

/** Rescans because a stranger ended meanwhile; on a busy machine somebody always does. */
const VANISHED_RESCANS = 20

/**
 * Stops everybody until a whole reading finds nobody new. One pid after the other is not enough: a process that forks
 * and exits faster than a reading is never met. A signal to its group is atomic against fork, and a reading that began
 * after it is complete.
 */
function* freeze(
  members: Members,
  read: (found: (member: Member) => void) => Reading,
  denied: Set<string>,
  until: number,
): Generator<number, Reading> {
  const stop = (member: Member): void => {
    if (standsStill(member)) return
    if (deliver(member, 'SIGSTOP') === 'denied') denied.add(processKey(member))
  }
  let quietSince = performance.now()
  for (let rescans = 0; ; ) {
    signalGroups(members, 'SIGSTOP')
    const reading = read(stop)
    // Who forks for ever and may not be stopped (another user's) must not hold us for ever.
    if (performance.now() > until) return reading
    if (reading.fresh > 0) {
      quietSince = performance.now()
      rescans = 0
      continue
    }
    const moving = reading.living.filter((m) => !standsStill(m) && !denied.has(processKey(m)))
    if (moving.length > 0 && performance.now() - quietSince < STANDSTILL_MS) {
      for (const member of moving) stop(member)
      yield 1
      continue
    }
    if (reading.vanished === 0 || ++rescans > VANISHED_RESCANS) return reading
  }
}

/** Stopped, traced, or uninterruptible: it forks no more. */
function standsStill({ state }: Member): boolean {
  return 'TtD'.includes(state)
}

/**
 * Everybody but PID 1 and us, at one stroke that no fork slips through. It tells of nobody, so each member is asked once
 * more: who may not be signalled is found then.
 */
function killNamespace(): Set<number> {
  try {
    process.kill(-1, 'SIGKILL')
  } catch {
    // ESRCH: there is nobody else. EPERM: nobody whom we may signal.
  }
  return new Set()
}

/** Returns the groups that were there. */
function signalGroups(members: Members, name: NodeJS.Signals): Set<number> {
  const reached = new Set<number>()
  for (const pgid of members.groups) {
    // kill(-1) is no group: it reaches everybody whom we may signal. Members of PID 1's group are met one by one.
    if (pgid <= 1) continue
    try {
      process.kill(-pgid, name)
      reached.add(pgid)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') members.dropGroup(pgid)
    }
  }
  return reached
}
