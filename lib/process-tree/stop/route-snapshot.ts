import { readlinkSync, statSync } from 'node:fs'
import { performance } from '../../real-time.ts'
import { fromProc } from '../find-linux.ts'
import type { Member } from '../members.ts'
import { isShell, namesOf } from '../names.ts'
import { processKey } from '../process-id.ts'
import { Spread } from '../spread.ts'
import type { Ancestry } from './ancestry.ts'
import type { Proc } from './signal-route.ts'
import { bitOf, readSignalStatus, type SignalStatus } from './signal-status.ts'

/** A process of the tree, and which signal reaches it. */
export interface RouteProc extends Proc {
  readonly signal: NodeJS.Signals
}

/** What is read of each process beyond its stat. */
type Details = Pick<Proc, 'exe' | 'argv' | 'stdin' | 'stdout' | 'stderr'>
type Stance = Pick<RouteProc, 'caught' | 'blocked' | 'ignored' | 'unsure' | 'exitTrap' | 'signal'>

interface Seen {
  details: Details
  comm: string
  detailsAtMs: number
  firstAtMs: number
  stance: Stance
  /** SigBlk held the signal at the last look. */
  blockedBefore: boolean
}

/** An exec changes exe, argv and fds; it is expected soon after the fork, or betrays itself by another comm. */
const YOUNG_MS = 300
const DETAILS_KEEP_MS = 1_000

/** Shells make what they start with `&` ignore INT and QUIT, nohup HUP: TERM reaches those. */
const DEAFENED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGHUP']

const XCPU = bitOf('SIGXCPU')

/** Reads what the rule needs to know about the members. Only this file and the hold look beyond their stat. */
export class RouteSnapshot {
  readonly #signal: NodeJS.Signals
  readonly #ancestry: Ancestry
  readonly #insist: boolean
  #seen = new Map<string, Seen>()

  /** `insist`: TERM for whoever ignores the signal because a shell started it in the background. */
  constructor(signal: NodeJS.Signals, ancestry: Ancestry, options: { readonly insist: boolean }) {
    this.#signal = signal
    this.#ancestry = ancestry
    this.#insist = options.insist
  }

  /** `told`: their signal masks matter no more. */
  async read(living: readonly Member[], told: ReadonlySet<string>): Promise<RouteProc[]> {
    const next = new Map<string, Seen>()
    const procs: RouteProc[] = []
    const spread = new Spread()
    for (const member of living) {
      procs.push(this.#readOne(member, told, next))
      if (spread.isFull) await spread.nextTurn()
    }
    this.#seen = next
    return procs
  }

  #readOne(member: Member, told: ReadonlySet<string>, next: Map<string, Seen>): RouteProc {
    const key = processKey(member)
    const before = this.#seen.get(key)
    const seen = before && told.has(key) ? before : this.#look(member, before)
    next.set(key, seen)
    const { pid, startTime, pgid, comm } = member
    const ppid = this.#ancestry.nearestLiving(key)?.pid ?? 0
    // Z of a living member: only its main thread has ended.
    const state = member.state === 'Z' ? 'S' : member.state
    return { pid, startTime, ppid, pgid, comm, state, ...seen.details, ...seen.stance }
  }

  #look(member: Member, before: Seen | undefined): Seen {
    const now = performance.now()
    const keep =
      before &&
      before.comm === member.comm &&
      now - before.firstAtMs > YOUNG_MS &&
      now - before.detailsAtMs < DETAILS_KEEP_MS
    const details = keep ? before.details : readDetails(member.pid, before?.details)
    const masks = readSignalStatus(member.pid)
    const signal = masks && this.#insist ? reaching(this.#signal, masks) : this.#signal
    // Without masks it dies: what was last seen of it holds until it leaves /proc.
    const stance = masks ? stanceOf(signal, masks, details, before?.blockedBefore) : (before?.stance ?? unknown(signal))
    return {
      details,
      comm: member.comm,
      detailsAtMs: keep ? before.detailsAtMs : now,
      firstAtMs: before?.firstAtMs ?? now,
      stance,
      blockedBefore: masks ? (masks.blocked & bitOf(stance.signal)) !== 0 : (before?.blockedBefore ?? false),
    }
  }
}

/** Gone before its first look. */
function unknown(signal: NodeJS.Signals): Stance {
  return { signal, caught: false, blocked: false, ignored: false, unsure: true, exitTrap: false }
}

function reaching(asked: NodeJS.Signals, masks: SignalStatus): NodeJS.Signals {
  const deafened = DEAFENED.includes(asked) && masks.ignored & bitOf(asked) && !(masks.ignored & bitOf('SIGTERM'))
  return deafened ? 'SIGTERM' : asked
}

/**
 * SigBlk counts only when seen twice running, and never for a shell: dash and glibc block everything around a fork
 * (else 4 of 24 stops of `sh -c 'a; b'` took sh for a handler, and told it).
 */
function stanceOf(signal: NodeJS.Signals, masks: SignalStatus, details: Details, blockedBefore = false): Stance {
  const bit = bitOf(signal)
  const caught = (masks.caught & bit) !== 0
  const blocks = (masks.blocked & bit) !== 0 && !isShell(namesOf(details))
  return {
    signal,
    caught,
    blocked: blocks && blockedBefore,
    unsure: blocks && !blockedBefore && !caught,
    ignored: (masks.ignored & bit) !== 0,
    exitTrap: (masks.caught & XCPU) !== 0,
  }
}

/**
 * A dying process loses exe, argv and fds before it leaves /proc: what was last seen is kept (else 9 of 50 stops of
 * `server | node reader` saw the writer without its pipe, and told the reader too early).
 */
function readDetails(pid: number, before: Details | undefined): Details {
  const [stdin, stdout, stderr] = [readEnd(pid, 0), readEnd(pid, 1), readEnd(pid, 2)]
  const argv = (fromProc(`/proc/${pid}/cmdline`) ?? '').replace(/\0$/, '').split('\0')
  // Last, since it is the first to go: if it is still there, an fd that was not there had really been closed.
  const exe = readLink(`/proc/${pid}/exe`)
  if (exe !== '' || !before) return { exe, argv, stdin, stdout, stderr }
  return {
    exe: before.exe,
    argv: argv.length > 1 || argv[0] ? argv : before.argv,
    stdin: stdin || before.stdin,
    stdout: stdout || before.stdout,
    stderr: stderr || before.stderr,
  }
}

function readEnd(pid: number, fd: 0 | 1 | 2): string {
  const path = `/proc/${pid}/fd/${fd}`
  const target = readLink(path)
  if (!target.startsWith('/') || target.startsWith('/dev/')) return target
  try {
    // A named pipe shows its path as a file does.
    const stat = statSync(path)
    return stat.isFIFO() ? `fifo:[${stat.dev}:${stat.ino}]` : target
  } catch {
    return target
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
