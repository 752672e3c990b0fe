import { isShell, isTrapShell, type Named, namesOf, STARTERS } from '../names.ts'
import { type ProcessId, processKey } from '../process-id.ts'

/** One living process of the tree, as the rule sees it. The signal is the one that the stop sends. */
export interface Proc extends ProcessId, Named {
  /** The nearest living ancestor within the tree; 0 without one. */
  readonly ppid: number
  readonly pgid: number
  readonly state: string
  readonly comm: string
  /** The signal's bit in SigCgt, SigBlk and SigIgn. */
  readonly caught: boolean
  readonly blocked: boolean
  readonly ignored: boolean
  /** Blocked now, but not at the last look: in the middle of a fork, or waiting for it by sigwait or signalfd. */
  readonly unsure: boolean
  /** XCPU is caught. bash catches it for an EXIT trap only. */
  readonly exitTrap: boolean
  /** What fds 0 to 2 are, `pipe:[123]` for a pipe; empty where it may not be read. */
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
}

/** What a stop knows beyond the snapshot. Sets hold process keys. */
export interface Memory {
  /** Us: never told, whatever the snapshot holds. */
  readonly self: number
  /** Who got the signal, from us or, as far as we know, from somebody else. */
  readonly told: ReadonlySet<string>
  /** Who had children, or read a pipe, at the stop. */
  readonly passed: ReadonlySet<string>
  /** Who had no parent in the tree at the stop, and is not its root. */
  readonly daemons: ReadonlySet<string>
  /** Children that a told shell waits for before it runs its trap. */
  readonly foreground: ReadonlySet<string>
  /** Started after the stop in place of one that was told. */
  readonly restarted: ReadonlySet<string>
  /** Who started later than this was started after the stop. */
  readonly bornAfter: number
  /** For how long nobody was born and nobody died. */
  readonly quietMs: number
  /** What was started after the stop has had its time. */
  readonly afterWorkOver: boolean
  /** Time runs short: whoever is untold is told, also below somebody told. */
  readonly short: boolean
  /** Whom somebody told supervises, a lastcall with a deadline of its own that is still to come. */
  readonly supervised: ReadonlySet<string>
  /** Names that count as starters, besides STARTERS. */
  readonly stepOver: ReadonlySet<string>
}

/** How long one that was stepped over may take to end after its child. */
export const PASSED_QUIET_MS = 250

/**
 * Who is to be told now, given a snapshot of the tree. The signal goes down from the root and stops at the nearest
 * process that handles it; what is beneath that one is its own business. docs/signal-routing.md tells it as a story.
 */
export function whoNow<P extends Proc>(snapshot: readonly P[], memory: Memory): P[] {
  const tree = new Tree(snapshot, memory)
  const handlers = tree.nearest()
  if (handlers.length > 0) return handlers
  if (!memory.short && tree.waitsForTold()) return []
  return tree.others()
}

/** The nearest that handle the signal, and nobody else: for signals that begin no stop, since their default action kills. */
export function whoHandles<P extends Proc>(snapshot: readonly P[], memory: Memory): P[] {
  return new Tree(snapshot, memory).nearest()
}

class Tree<P extends Proc> {
  readonly #procs: readonly P[]
  readonly #memory: Memory
  readonly #byPid: Map<number, P>
  readonly #kids = new Map<number, P[]>()
  readonly #writers = new Map<string, P[]>()
  /** Each process is looked at once a pass, so that no picture of parents, however torn, tells one twice. */
  #seen = new Set<number>()

  constructor(snapshot: readonly P[], memory: Memory) {
    this.#memory = memory
    this.#procs = snapshot.filter((p) => p.pid !== memory.self && p.state !== 'Z' && p.state !== 'X')
    this.#byPid = new Map(this.#procs.map((p) => [p.pid, p]))
    for (const p of this.#procs) {
      const parent = this.#parent(p)
      if (parent) push(this.#kids, parent.pid, p)
      for (const end of new Set([p.stdout, p.stderr])) if (isPipe(end)) push(this.#writers, end, p)
    }
  }

  nearest(): P[] {
    this.#seen = new Set()
    const found: P[] = []
    for (const p of this.#starts()) this.#near(p, found)
    return found
  }

  /** Those that don't handle it: the default action ends them, once all who were told have ended. */
  others(): P[] {
    this.#seen = new Set()
    const found: P[] = []
    for (const p of this.#starts()) this.#rest(p, found)
    return found
  }

  /** A told process lives, other than a shell that cannot run its trap before its foreground command has ended. */
  waitsForTold(): boolean {
    const waiting = new Set(this.#procs.filter((p) => this.#isForeground(p)).map((p) => p.ppid))
    return this.#procs.some((p) => this.#isTold(p) && !waiting.has(p.pid))
  }

  #near(p: P, found: P[]): void {
    if (this.#visited(p)) return
    if (this.#isTold(p)) {
      if (this.#memory.short) this.#each(p, (kid) => this.#isSupervised(kid) || this.#near(kid, found))
      return
    }
    if (this.#isLeft(p)) return
    const handles = p.caught || p.blocked
    const restarted = this.#memory.restarted.has(processKey(p))
    if (restarted || (handles && !(this.#hasKids(p) && this.#isAside(p)))) found.push(p)
    else this.#each(p, (kid) => this.#near(kid, found))
  }

  #rest(p: P, found: P[]): void {
    if (this.#visited(p) || this.#isTold(p) || this.#isLeft(p)) return
    const deaf = p.ignored && !p.caught && !p.blocked
    if (this.#hasKids(p) && (deaf || isShell(namesOf(p)) || this.#isStarter(p))) {
      this.#each(p, (kid) => this.#rest(kid, found))
    } else if (!deaf && !this.#justPassed(p) && !this.#hasAfterWork(p)) {
      found.push(p)
    }
  }

  /** Refinement 5, daemons last: the rest may need them (a database that the start script put in the background). */
  #starts(): P[] {
    const tops = this.#procs.filter((p) => !this.#parent(p))
    const first = tops.filter((p) => !this.#memory.daemons.has(processKey(p)))
    if (first.length === 0) return tops
    return this.#memory.short ? tops.filter((p) => !this.#isSupervised(p)) : first
  }

  /** Neither told nor stepped over now. */
  #isLeft(p: P): boolean {
    return (
      p.unsure || this.#isAfterWork(p) || this.#readsFromLivingWriter(p) || (this.#justPassed(p) && !this.#hasKids(p))
    )
  }

  /** Refinement 3, after-work: `server; upload-logs`, npm's poststart. */
  #isAfterWork(p: P): boolean {
    const { bornAfter, restarted, afterWorkOver, short } = this.#memory
    return p.startTime > bornAfter && !afterWorkOver && !short && !restarted.has(processKey(p))
  }

  /** A launcher without a handler above `sh -c 'server; upload-logs'` passes on the code of what still works. */
  #hasAfterWork(p: P): boolean {
    const below = new Set([p])
    for (const one of below) {
      if (one !== p && this.#isAfterWork(one)) return true
      for (const kid of this.#kids.get(one.pid) ?? []) below.add(kid)
    }
    return false
  }

  /** Refinement 2, pipelines: `server | tee log`. Its reader ends at end of file; told before, it breaks the last writes. */
  #readsFromLivingWriter(p: P): boolean {
    if (!isPipe(p.stdin)) return false
    // Not its own descendants: `while read line; do …; done < <(server)` is the shell's own child.
    return (this.#writers.get(p.stdin) ?? []).some((writer) => writer !== p && !this.#isBelow(writer, p))
  }

  /** Refinement 1: when its child has ended, a shell or npm ends by itself, with the child's code. nodemon does not. */
  #justPassed(p: P): boolean {
    const { passed, told, quietMs } = this.#memory
    return passed.has(processKey(p)) && told.size > 0 && quietMs < PASSED_QUIET_MS
  }

  /**
   * Handles the signal, but is stepped over while it has children: starters; shells that catch TERM without a trap; and
   * refinement 6, bash with an EXIT trap, which would run the trap before its server has stopped.
   */
  #isAside(p: P): boolean {
    const names = namesOf(p)
    return this.#isStarter(p) || (isShell(names) && (p.exitTrap || !isTrapShell(names)))
  }

  #isStarter(p: P): boolean {
    return namesOf(p).some((name) => STARTERS.has(name) || this.#memory.stepOver.has(name))
  }

  #isTold(p: P): boolean {
    return this.#memory.told.has(processKey(p))
  }

  #isSupervised(p: P): boolean {
    return this.#memory.supervised.has(processKey(p))
  }

  #isForeground(p: P): boolean {
    return this.#memory.foreground.has(processKey(p))
  }

  /** Refinement 7: the rule goes on from a trap shell's foreground command as if it had no parent. */
  #parent(p: P): P | undefined {
    return this.#isForeground(p) ? undefined : this.#byPid.get(p.ppid)
  }

  #isBelow(p: P, ancestor: P): boolean {
    const passed = new Set<P>()
    for (let up = this.#byPid.get(p.ppid); up && !passed.has(up); up = this.#byPid.get(up.ppid)) {
      if (up === ancestor) return true
      passed.add(up)
    }
    return false
  }

  #hasKids(p: P): boolean {
    return this.#kids.has(p.pid)
  }

  #each(p: P, visit: (kid: P) => unknown): void {
    for (const kid of this.#kids.get(p.pid) ?? []) visit(kid)
  }

  #visited(p: P): boolean {
    if (this.#seen.has(p.pid)) return true
    this.#seen.add(p.pid)
    return false
  }
}

export function isPipe(end: string): boolean {
  return end.startsWith('pipe:') || end.startsWith('fifo:')
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
