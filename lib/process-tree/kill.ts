import { debugLog } from '../debug-log.ts'
import { performance, sleep } from '../real-time.ts'
import { type Member, Members, type Reading } from './members.ts'
import { processKey } from './process-id.ts'
import { deliver } from './stop/deliver.ts'
import { killUnseen, seesProcesses } from './without-proc.ts'

const log = debugLog('kill')

/** How a forced end went. */
export interface KillResult {
  /** How many processes SIGKILL ended, guards left out. */
  readonly killed: number
  /** Who is still there, guards left out: not ours to signal, or stuck in the kernel (state D) beyond the limit. */
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
  const rounds = killRounds([members], options.limitMs ?? 5_000)
  for (;;) {
    const round = rounds.next()
    if (round.done) return round.value[0] as KillResult
    if (round.value > 0) await sleep(round.value)
  }
}

/** The same without a turn of the event loop: for an `exit` listener, and for a thread that guards a deadline. */
export function killMembersSync(members: Members, options: KillOptions = {}): KillResult {
  return killAllSync([members], options)[0] as KillResult
}

/** Many trees at once: what takes time is to read /proc, and one reading serves them all. */
export function killAllSync(trees: readonly Members[], options: KillOptions = {}): KillResult[] {
  if (!seesProcesses()) return trees.map(killUnseen)
  const rounds = killRounds(trees, options.limitMs ?? 5_000)
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const round = rounds.next()
    if (round.done) return round.value
    if (round.value > 0) Atomics.wait(never, 0, 0, round.value)
  }
}

/** What a kill wants next: a reading that begins after so many milliseconds. */
interface Wish {
  readonly afterMs: number
  readonly found?: (member: Member) => void
}

/** How it is fulfilled. */
interface Fulfilled {
  readonly reading: Reading
  readonly costMs: number
}

type KillSteps<Result> = Generator<Wish, Result, Fulfilled>

/** All kills side by side, each a step further by each reading. Yields the milliseconds to wait before the next one. */
function* killRounds(trees: readonly Members[], limitMs: number): Generator<number, KillResult[]> {
  const results: KillResult[] = []
  let running = trees.map((members, index) => {
    const steps = killSteps(members, limitMs)
    return { members, index, steps, step: steps.next() }
  })
  for (;;) {
    const next = running.flatMap(({ step, ...kill }) => {
      if (!step.done) return [{ ...kill, wish: step.value }]
      results[kill.index] = step.value
      return []
    })
    if (next.length === 0) return results
    // Who need not wait must not: a tree that is half frozen forks on.
    yield Math.min(...next.map(({ wish }) => wish.afterMs))
    const begin = performance.now()
    const readings = Members.readTogether(next.map(({ members, wish }) => ({ members, found: wish.found })))
    const costMs = performance.now() - begin
    running = next.map((kill, at) => ({
      ...kill,
      step: kill.steps.next({ reading: readings[at] as Reading, costMs }),
    }))
  }
}

/** The kill of one tree. */
function* killSteps(members: Members, limitMs: number): KillSteps<KillResult> {
  const startedAt = performance.now()
  const seen = new Set<string>()
  const denied = new Set<string>()
  const blamed = (some: readonly Member[]): Member[] => some.filter((member) => !members.guards.has(member))
  function* read(wish: Wish): KillSteps<Fulfilled> {
    const fulfilled = yield wish
    for (const member of blamed(fulfilled.reading.living)) seen.add(processKey(member))
    return fulfilled
  }
  for (let round = 0; ; round++) {
    const isWhole = members.areWholeNamespace
    let reading = isWhole
      ? (yield* read({ afterMs: 0 })).reading
      : yield* freeze(members, read, denied, startedAt + limitMs)
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
        const left = blamed(survivors)
        const refused = left.filter((m) => denied.has(processKey(m)))
        const killed = seen.size - left.length
        log('killed %d processes in %d rounds and %d ms, %d survived', killed, round + 1, elapsed, left.length)
        return { killed, survivors: left, denied: refused, durationMs: elapsed }
      }
      // Never more than half of the time: who is to end needs the processor too.
      const fulfilled = yield* read({ afterMs: waitFor.length > 0 ? Math.max(pause, costMs) : 0 })
      reading = fulfilled.reading
      costMs = fulfilled.costMs
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
  read: (wish: Wish) => KillSteps<Fulfilled>,
  denied: Set<string>,
  until: number,
): KillSteps<Reading> {
  const stop = (member: Member): void => {
    if (standsStill(member)) return
    if (deliver(member, 'SIGSTOP') === 'denied') denied.add(processKey(member))
  }
  let quietSince = performance.now()
  for (let rescans = 0, afterMs = 0; ; ) {
    signalGroups(members, 'SIGSTOP')
    const { reading } = yield* read({ afterMs, found: stop })
    afterMs = 0
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
      afterMs = 1
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
