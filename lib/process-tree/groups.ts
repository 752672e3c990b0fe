import { performance } from '../real-time.ts'
import { type ProcessStat, readStat } from './find-linux.ts'
import { type ProcessId, sameProcess } from './process-id.ts'

/**
 * How long a group whose leader has ended counts as ours while nobody in it is known to us. Its number is not given out
 * again while the group lives, but we do not see it die.
 */
const GROUP_TRUST_MS = 1_000

type Processes = ReadonlyMap<number, ProcessStat>

/** The process groups and sessions that belong to a tree whole: whoever is in one of them is a member. */
export class Groups {
  /** Those that began outside the tree: ours, and those of whoever started the root. */
  readonly #foreignGroups = new Set<number>()
  readonly #foreignSessions = new Set<number>()
  /** Those of the tree, and when that was last certain. */
  readonly #groups = new Map<number, number>()
  readonly #sessions = new Map<number, number>()
  /** Who started before is no member. */
  readonly #since: number

  constructor(root: ProcessId, options: { readonly ownGroup: boolean; readonly since: number }) {
    this.#since = options.since
    const own = readStat(process.pid)
    if (own) {
      this.#foreignGroups.add(own.pgid)
      this.#foreignSessions.add(own.sid)
    }
    const stat = readStat(root.pid)
    const isThere = sameProcess(stat, root)
    if (stat && isThere && stat.pgid !== root.pid) this.#foreignGroups.add(stat.pgid)
    if (stat && isThere && stat.sid !== root.pid) this.#foreignSessions.add(stat.sid)
    const leads = (id: number | undefined): boolean => (isThere ? id === root.pid : options.ownGroup)
    if (leads(stat?.pgid) && !this.#foreignGroups.has(root.pid)) this.#groups.set(root.pid, performance.now())
    if (leads(stat?.sid) && !this.#foreignSessions.has(root.pid)) this.#sessions.set(root.pid, performance.now())
  }

  /** The groups that may be signalled as a whole; `isKnown` tells whether a leader that is there is a member. */
  living(isKnown: (leader: ProcessId) => boolean): Set<number> {
    const now = performance.now()
    for (const pgid of this.#groups.keys()) {
      const leader = readStat(pgid)
      if (!leader) continue
      if (isKnown(leader)) this.#groups.set(pgid, now)
      else this.#groups.delete(pgid)
    }
    return new Set([...this.#groups].filter(([, at]) => now - at < GROUP_TRUST_MS).map(([pgid]) => pgid))
  }

  /** The kernel no longer knows it: its number may be given to others from now on. */
  drop(pgid: number): void {
    this.#groups.delete(pgid)
  }

  /** Which of ours holds it. */
  holding(stat: ProcessStat): 'group' | 'session' | undefined {
    if (this.#groups.has(stat.pgid)) return 'group'
    return this.#sessions.has(stat.sid) ? 'session' : undefined
  }

  /** The group and session of each member, of zombies too: the leader may be long gone. */
  learn(all: Processes, members: Processes): void {
    const now = performance.now()
    for (const pgid of new Set([...members.values()].map((m) => m.pgid))) {
      if (this.#foreignGroups.has(pgid) || !this.#beganWithin(pgid, 'pgid', all, members)) continue
      this.#groups.set(pgid, now)
    }
    for (const sid of new Set([...members.values()].map((m) => m.sid))) {
      if (this.#foreignSessions.has(sid) || !this.#beganWithin(sid, 'sid', all, members)) continue
      this.#sessions.set(sid, now)
    }
  }

  /** Somebody else has the number of a group that we knew: the group died, and its number was given out again. */
  forgetRecycled(all: Processes, members: Processes): void {
    const now = performance.now()
    for (const known of [this.#groups, this.#sessions]) {
      for (const [id, at] of known) {
        const recycled = all.has(id) ? !members.has(id) : now - at > GROUP_TRUST_MS
        if (recycled) known.delete(id)
      }
    }
  }

  /** Did this group or session begin within the tree? A member may have joined one that did not. */
  #beganWithin(id: number, kind: 'pgid' | 'sid', all: Processes, members: Processes): boolean {
    if (id === 0) return false // of a process outside our PID namespace
    if (all.has(id)) return members.has(id)
    for (const stat of all.values()) if (stat[kind] === id && stat.startTime < this.#since) return false
    return true
  }
}
