import { LastMark, withinCookie } from './cookie.ts'
import { hasEnded, isAlive, type ProcessStat, statsNewestFirst } from './find-linux.ts'
import { Groups } from './groups.ts'
import { Guards } from './owned/guards.ts'
import { type ProcessId, sameProcess } from './process-id.ts'
import { Spread } from './spread.ts'
import type { SharedReading } from './stop/shared-reading.ts'

/** What made a process a member. */
export type FoundBy = 'root' | 'descent' | 'group' | 'session' | 'cookie'

export interface Member extends ProcessStat {
  readonly foundBy: FoundBy
}

/** One reading of /proc. */
export interface Reading {
  /** Members that live now, newest first. */
  readonly living: Member[]
  /** Members that have ended and wait for their parent to notice. */
  readonly zombies: Member[]
  /** How many of the living are seen for the first time. */
  readonly fresh: number
  /** How many processes ended between the listing and their turn: any of them may have left a child that was missed. */
  readonly vanished: number
}

/** One of the trees that share a reading; `found` gets each new living member as it is read. */
export interface TreeToRead {
  readonly members: Members
  readonly found?: ((member: Member) => void) | undefined
}

/**
 * The identity of a tree: its root, and who belongs to it, by descent, process group, session and cookie. A member
 * stays one, also when it is re-parented, leaves its group or overwrites its environment afterwards: so scan from time
 * to time while the tree runs, not only to end it. This process itself is never a member.
 */
export class Members {
  readonly root: ProcessId
  readonly cookie: string | undefined
  /** The root leads a group of its own. */
  readonly leadsGroup: boolean
  /** Those of its members that end by themselves, and are nobody's fault. */
  readonly guards = new Guards()
  readonly #groups: Groups
  /** Members at the last reading, zombies too, by pid. */
  #known = new Map<number, Member>()
  /** Who is no member, by pid with its start time: a mark is inherited, so nobody gets one later. */
  #strangers = new Map<number, number>()
  #seen = 0

  /** Whose every descendant is a member: none but PID 1 of a namespace gets its orphans back, whatever they hide. */
  readonly #ancestor: ProcessId | undefined
  /** Who started before is no member. */
  readonly #since: number

  /**
   * `ownGroup`: the root leads a group and session of its own, as `spawn(…, { detached: true })` makes it.
   * `ancestor`: PID 1 of a namespace that is ours, never of one that others share. Whoever descends from it is a
   * member, too; itself it is none.
   */
  constructor(
    root: ProcessId,
    options: { readonly cookie?: string | undefined; readonly ownGroup: boolean; readonly ancestor?: ProcessId },
  ) {
    this.root = root
    this.cookie = options.cookie
    this.leadsGroup = options.ownGroup
    this.#ancestor = options.ancestor
    this.#since = (options.ancestor ?? root).startTime
    this.#groups = new Groups(root, { ownGroup: options.ownGroup, since: this.#since })
  }

  /** The groups that belong to the tree whole: a signal to one of them is atomic against fork. */
  get groups(): Set<number> {
    return this.#groups.living((leader) => this.#isKnown(leader))
  }

  /** Nobody but them is in our PID namespace, guests apart; their end is its end. */
  get areWholeNamespace(): boolean {
    return this.#ancestor?.pid === 1
  }

  /** How many living members were ever seen. */
  get seen(): number {
    return this.#seen
  }

  /** Forgets a group that the kernel no longer knows: its number may be given to others from now on. */
  dropGroup(pgid: number): void {
    this.#groups.drop(pgid)
  }

  /** The members that live now, newest first. */
  scan(): Member[] {
    return this.read().living
  }

  /** The members at the last reading. */
  remembered(): Member[] {
    return [...this.#known.values()].filter((member) => !hasEnded(member))
  }

  /** Takes somebody for a member whom another process has seen to be one. */
  adopt(stat: ProcessStat): void {
    if (!sameProcess(this.#known.get(stat.pid), stat)) this.#known.set(stat.pid, { ...stat, foundBy: 'descent' })
  }

  /** Like `scan`, and tells what a race-free kill needs to know. `found` gets each new living member as it is read. */
  read(found?: (member: Member) => void): Reading {
    return Members.readTogether([{ members: this, found }])[0] as Reading
  }

  /**
   * Like `read`, for a tree that has time: thousands of processes are read over several turns of the event loop.
   * `shared`: one that other trees read by, too.
   */
  async readSpread(shared?: SharedReading): Promise<Reading> {
    const stats = shared ? await shared.take() : statsNewestFirst()
    const spread = new Spread()
    const readings = this.#readings(stats)
    for (;;) {
      const { done, value } = readings.next()
      if (done) return value
      if (spread.isFull) await spread.nextTurn()
    }
  }

  /**
   * One reading for many trees. Each process is met by all of them before the next one is read: so `found` gets a member
   * as soon as by a reading of its own, and an environment is read once, not once for each tree.
   */
  static readTogether(trees: readonly TreeToRead[]): Reading[] {
    const stats = statsNewestFirst()
    let current: IteratorResult<ProcessStat | undefined, undefined>
    const feed = { [Symbol.iterator]: () => ({ next: () => current }) }
    const marks = new LastMark()
    const readings = trees.map(({ members, found }) => members.#readings(feed, found, marks))
    for (;;) {
      current = stats.next()
      const steps = readings.map((reading) => reading.next())
      if (current.done) return steps.map((step) => step.value as Reading)
    }
  }

  /** Yields after each process, and takes no more than one between two yields. */
  *#readings(
    stats: Iterable<ProcessStat | undefined>,
    found?: (member: Member) => void,
    marks = new LastMark(),
  ): Generator<undefined, Reading> {
    const knownBefore = this.#known
    const all = new Map<number, ProcessStat>()
    const members = new Map<number, Member>()
    let fresh = 0
    let vanished = 0
    const join = (stat: ProcessStat, foundBy: FoundBy): void => {
      const before = this.#known.get(stat.pid)
      const isNew = !sameProcess(before, stat)
      const member: Member = { ...stat, foundBy: isNew ? foundBy : (before as Member).foundBy }
      members.set(stat.pid, member)
      if (!isNew || hasEnded(stat)) return
      fresh++
      this.#seen++
      found?.(member)
    }

    for (const stat of stats) {
      if (!stat) vanished++
      else if (stat.pid !== process.pid) {
        all.set(stat.pid, stat)
        const foundBy = this.#recognise(stat, marks)
        if (foundBy) join(stat, foundBy)
      }
      yield
    }
    this.#groups.forgetRecycled(all, members)
    this.#joinRelated(all, members, join)
    // Somebody else has read between our turns, and may have seen who came after our list.
    const later = this.#known === knownBefore ? [] : [...this.#known.values()]
    for (const member of later) {
      if (all.has(member.pid) || !isAlive(member)) continue
      all.set(member.pid, member)
      members.set(member.pid, member)
    }
    this.#known = members
    for (const pid of this.#strangers.keys()) if (!all.has(pid) || members.has(pid)) this.#strangers.delete(pid)

    const listed = [...all.keys()].flatMap((pid) => members.get(pid) ?? [])
    return { living: listed.filter((m) => !hasEnded(m)), zombies: listed.filter(hasEnded), fresh, vanished }
  }

  #isKnown(id: ProcessId): boolean {
    return sameProcess(this.root, id) || sameProcess(this.#known.get(id.pid), id)
  }

  /** What one process tells by itself. Its environment is read right after its stat: a moment later it may be gone. */
  #recognise(stat: ProcessStat, marks: LastMark): FoundBy | undefined {
    if (sameProcess(this.root, stat)) return 'root'
    const known = this.#known.get(stat.pid)
    if (known && sameProcess(known, stat)) return known.foundBy
    if (this.cookie === undefined || stat.memory === 0) return undefined
    if (this.#strangers.get(stat.pid) === stat.startTime) return undefined
    const { mark, isEmpty } = marks.of(stat)
    if (withinCookie(mark, this.cookie)) return 'cookie'
    // In the middle of an exec the environment is empty for a moment: ask again next time.
    if (!isEmpty) this.#strangers.set(stat.pid, stat.startTime)
    return undefined
  }

  /** Everybody else: by descent, group and session, until nobody is added. */
  #joinRelated(
    all: Map<number, ProcessStat>,
    members: Map<number, Member>,
    join: (stat: ProcessStat, foundBy: FoundBy) => void,
  ): void {
    const children = new Map<number, ProcessStat[]>()
    for (const stat of all.values()) {
      const siblings = children.get(stat.ppid)
      if (siblings) siblings.push(stat)
      else children.set(stat.ppid, [stat])
    }
    // A child that was read before its parent went still names a parent that is no longer listed.
    const gone = [...this.#known.keys()].filter((pid) => !all.has(pid))
    const parents = [...gone, ...members.keys()]
    if (this.root.pid === process.pid) parents.push(process.pid)
    // We may be one of its descendants, and are in no reading.
    if (this.#ancestor) parents.push(this.#ancestor.pid, process.pid)

    const add = (stat: ProcessStat, foundBy: FoundBy): void => {
      if (members.has(stat.pid) || stat.startTime < this.#since) return
      join(stat, foundBy)
      parents.push(stat.pid)
    }
    for (let before = -1; before !== members.size; ) {
      before = members.size
      for (let pid = parents.pop(); pid !== undefined; pid = parents.pop()) {
        for (const child of children.get(pid) ?? []) add(child, 'descent')
      }
      this.#groups.learn(all, members)
      for (const stat of all.values()) {
        const foundBy = this.#groups.holding(stat)
        if (foundBy) add(stat, foundBy)
      }
    }
  }
}
