import { performance, sleep } from '../../real-time.ts'
import { fromProc, hasEnded, isAlive, pidsNewestFirst, readStat } from '../find-linux.ts'
import { namesOf } from '../names.ts'
import { processKey, sameProcess } from '../process-id.ts'
import { type Delivery, deliver } from './deliver.ts'
import type { RouteProc } from './route-snapshot.ts'
import { isPipe } from './signal-route.ts'
import { bitOf, readSignalStatus } from './signal-status.ts'

/** What a trap shell did when it was told. */
export interface TrapResult {
  /** `moved`: it went on to another command meanwhile, and was told nothing yet. */
  readonly delivery: Delivery | 'moved'
  /** Children that its trap told, or as far as can be known will tell. */
  readonly told: readonly RouteProc[]
  /** What it waits for before it runs its trap; empty when the trap ran. */
  readonly foreground: readonly RouteProc[]
  /** A child that was told with the shell, so that the trap runs now. */
  readonly alongside: RouteProc | undefined
}

/** For how long children may stand still; requests that come meanwhile wait. */
const HOLD_MS = 250
const LOOK_MS = 2
/** Asleep for so many looks, with nothing pending: it waits for a child. */
const ASLEEP_LOOKS = 3
/** A trap that started something has this long to come to its children, before it counts as slow. */
const SLOW_TRAP_MS = 100

/**
 * Tells a shell that has a trap and children (refinement 7). A trap runs only after the foreground command, and whom it
 * tells cannot be seen in /proc. So its children are stopped while it gets the signal: what the trap sends them stays
 * pending, and can be read.
 */
export async function tellTrapShell(
  shell: RouteProc,
  tree: readonly RouteProc[],
  told: ReadonlySet<string>,
  { end, mayMove }: { readonly end: AbortSignal; readonly mayMove: boolean },
): Promise<TrapResult> {
  const kids = tree.filter((p) => p.ppid === shell.pid && !told.has(processKey(p)))
  const held = kids.filter((kid) => (kid.caught || kid.blocked) && groupOf(kid, shell) === 'unwatched')
  const release = (): void => {
    for (const kid of held) deliver(kid, 'SIGCONT')
  }
  // Also when the process ends in between, by whomever: a child left in T would never stop by itself.
  process.once('exit', release)
  try {
    const until = performance.now() + HOLD_MS
    for (const kid of held) deliver(kid, 'SIGSTOP')
    await eachStopped(held, until, end)
    // `while :; do sleep 0.3; done`: next time round, the newest child of the snapshot is no foreground command any more,
    // and a server in the background would be taken for it (else 6 of 20 such loops told theirs twice).
    if (mayMove && hasMoved(shell, tree)) return { delivery: 'moved', told: [], foreground: [], alongside: undefined }
    return await watchTrap(shell, kids, held, tree, until, end)
  } finally {
    process.off('exit', release)
    release()
  }
}

async function watchTrap(
  shell: RouteProc,
  kids: readonly RouteProc[],
  held: readonly RouteProc[],
  tree: readonly RouteProc[],
  until: number,
  end: AbortSignal,
): Promise<TrapResult> {
  const pendingBefore = new Map(held.map((kid) => [kid.pid, asked(kid)]))
  const startedBefore = new Set(childrenOf(shell.pid))
  const newest = newestOf(kids, startedBefore)
  const delivery = deliver(shell, shell.signal)
  if (delivery !== 'sent') return { delivery, told: [], foreground: [], alongside: undefined }
  const alongside = newest && endsByDefault(newest, tree) ? newest : undefined
  if (alongside) deliver(alongside, alongside.signal)

  const told = new Set<RouteProc>()
  const result = (foreground: readonly RouteProc[] = []): TrapResult => ({
    delivery,
    told: [...told],
    foreground,
    alongside,
  })
  let asleep = 0
  let startedAt: number | undefined
  for (; performance.now() < until && !end.aborted; await sleep(LOOK_MS)) {
    // The shell first: what it sent before this look is pending at the next reading.
    const stat = readStat(shell.pid)
    const gone = !stat || !sameProcess(stat, shell) || hasEnded(stat)
    for (const kid of held) if (asked(kid) & ~(pendingBefore.get(kid.pid) ?? 0)) told.add(kid)
    // Gone: the untold are orphans, and the rule goes on with them.
    if (gone || (held.length > 0 && held.every((kid) => told.has(kid) || !isAlive(kid)))) return result()
    if (startedAt === undefined) {
      if (childrenOf(shell.pid).some((pid) => !startedBefore.has(pid))) startedAt = performance.now()
    } else if (performance.now() - startedAt > SLOW_TRAP_MS) {
      // `sleep 1; kill $server; wait`: its order is kept, and whom it tells later is not told by us as well.
      for (const kid of kids) if (kid.caught || kid.blocked) told.add(kid)
      return result()
    }
    asleep = startedAt === undefined && stat?.state === 'S' && asked(shell) === 0 ? asleep + 1 : 0
    if (asleep < ASLEEP_LOOKS) continue
    // Asleep after its trap has told somebody: it waits for them. Else for its foreground command, the newest child;
    // but a job may have been told by its number, unseen, and ended nothing yet: better told late than twice.
    const waitsFor = told.size === 0 && newest && !alongside && isAlive(newest) && groupOf(newest, shell) !== 'job'
    return result(waitsFor ? pipelineOf(newest, kids) : [])
  }
  return result()
}

/** Signals that ask to end, or for something else, as a bit mask: those of them that are pending. */
const ASKING = (['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const).reduce(
  (m, s) => m | bitOf(s),
  0,
)

function asked(p: RouteProc): number {
  return (readSignalStatus(p.pid)?.pending ?? 0) & (ASKING | bitOf(p.signal))
}

/**
 * A shell with job control (`set -m`) gives each job a group of its own, and sees it stop: `wait` would return. Of all
 * others it notices only the end. `timeout` takes a group of its own by itself.
 */
function groupOf(kid: RouteProc, shell: RouteProc): 'unwatched' | 'job' | 'unknown' {
  if (kid.pgid === shell.pgid || readStat(kid.pid)?.sid !== readStat(shell.pid)?.sid) return 'unwatched'
  return namesOf(kid).includes('timeout') ? 'unknown' : 'job'
}

/** A child has ended or begun since the snapshot. Of the dead it may never take notice: they do not count. */
function hasMoved(shell: RouteProc, tree: readonly RouteProc[]): boolean {
  const living = childrenOf(shell.pid).filter((pid) => isAlive({ pid, startTime: readStat(pid)?.startTime ?? -1 }))
  const known = new Set(tree.map((p) => p.pid))
  return living.some((pid) => !known.has(pid)) || tree.some((p) => p.ppid === shell.pid && !isAlive(p))
}

async function eachStopped(held: readonly RouteProc[], until: number, end: AbortSignal): Promise<void> {
  const runs = (p: RouteProc): boolean => {
    const stat = readStat(p.pid)
    return stat !== undefined && sameProcess(stat, p) && !hasEnded(stat) && !'Tt'.includes(stat.state)
  }
  // One in the kernel (D) stops when it leaves it; half of the time is for the shell.
  while (held.some(runs) && performance.now() < until - HOLD_MS / 2 && !end.aborted) await sleep(1)
}

/** The foreground command can only be the newest of those that the shell itself started. */
function newestOf(kids: readonly RouteProc[], started: ReadonlySet<number>): RouteProc | undefined {
  return kids
    .filter((kid) => started.has(kid.pid))
    .reduce<RouteProc | undefined>((a, b) => (a && compareAge(a, b) > 0 ? a : b), undefined)
}

function compareAge(a: RouteProc, b: RouteProc): number {
  return a.startTime - b.startTime || a.pid - b.pid
}

/** `sleep`, `tail -f`: ends at once, and the trap runs. Not the end of a pipeline, whose last lines it would lose. */
function endsByDefault(p: RouteProc, tree: readonly RouteProc[]): boolean {
  const handles = p.caught || p.blocked || p.ignored || p.unsure
  return !handles && !tree.some((other) => other.ppid === p.pid) && pipelineOf(p, tree).length === 1
}

/** `trap … TERM; server | tee log`: the newest child is tee, and the shell waits for both. */
function pipelineOf(last: RouteProc, kids: readonly RouteProc[]): RouteProc[] {
  const pipeline = [last]
  for (const reader of pipeline) {
    if (!isPipe(reader.stdin)) continue
    const writes = (p: RouteProc): boolean => p.stdout === reader.stdin || p.stderr === reader.stdin
    pipeline.push(...kids.filter((kid) => !pipeline.includes(kid) && writes(kid)))
  }
  return pipeline
}

function childrenOf(pid: number): number[] {
  const list = fromProc(`/proc/${pid}/task/${pid}/children`)
  if (list !== undefined) return list.split(' ').filter(Boolean).map(Number)
  // A kernel without CONFIG_PROC_CHILDREN, or the shell has gone.
  return readStat(pid) ? pidsNewestFirst().filter((each) => readStat(each)?.ppid === pid) : []
}
