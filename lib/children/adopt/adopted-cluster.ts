import type { Cluster, Worker } from 'node:cluster'
import { childStopMs, wholeSeconds } from '../../clock/cascade.ts'
import type { Findings } from '../../hooks/findings.ts'
import { fromProc } from '../../process-tree/find-linux.ts'
import { clearTimeout, setTimeout } from '../../real-time.ts'
import type { ChildEnd } from '../life/child-end.ts'
import { afterEnd, NO_RESTARTS, type RestartMemory } from '../restart.ts'
import type { AdoptPlan } from './adopt-plan.ts'
import { AdoptedProcess } from './adopted-process.ts'
import type { Keeper, KeeperHost, StopOrder } from './keeper.ts'

/** What the cluster of this process needs besides. */
export interface ClusterHost extends KeeperHost {
  /** A worker is out of restarts. */
  readonly gaveUp: (worker: { name: string; restarts: number }, why: string) => void
  /** Whether the process of a worker was adopted by itself. */
  readonly isAdopted: (worker: object) => boolean
  /** The whole grace period, in milliseconds. */
  readonly graceMs: number
}

interface Member {
  readonly name: string
  readonly keeper: AdoptedProcess
  readonly startedAt: number
  readonly env: Readonly<Record<string, string>>
  readonly memory: RestartMemory
  readonly restarts: number
}

/** What a worker inherits besides its environment: which one it is. */
const FROM_NODE = ['NODE_UNIQUE_ID', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE']

/** All workers of the cluster, those that are forked later, too. */
export class AdoptedCluster implements Keeper {
  readonly over: Promise<ChildEnd>
  readonly wasOver = false
  readonly #plan: AdoptPlan
  readonly #host: ClusterHost
  // Node has the same object under both of its types.
  readonly #cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster
  readonly #members = new Map<number, Member>()
  /** Ended in a stop: the report has them. */
  readonly #stopped = new Set<Member>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** What a replacement takes over from whom it replaces. */
  #next: Pick<Member, 'env' | 'memory' | 'restarts'> | undefined
  #order: StopOrder | undefined
  #finish = (_: ChildEnd): void => {}

  constructor(plan: AdoptPlan, host: ClusterHost) {
    this.#plan = plan
    this.#host = host
    this.over = new Promise((resolve) => {
      this.#finish = resolve
    })
    for (const worker of Object.values(this.#cluster.workers ?? {})) if (worker) this.#add(worker)
    this.#cluster.on('fork', this.#onFork)
    this.#cluster.on('exit', this.#onExit)
  }

  get killed(): number {
    return [...this.#stopped].reduce((sum, { keeper }) => sum + keeper.killed, 0)
  }

  async stop(order: StopOrder): Promise<void> {
    this.#order = order
    for (const timer of this.#timers) clearTimeout(timer)
    for (const member of this.#members.values()) this.#stopOne(member, order)
    for (let before = -1; before !== this.#stopped.size; ) {
      before = this.#stopped.size
      await Promise.all([...this.#stopped].map(({ keeper }) => keeper.over))
    }
    this.#cluster.off('fork', this.#onFork)
    this.#cluster.off('exit', this.#onExit)
    this.#finish({ code: 0, signal: null })
  }

  findings(startedAt: number): Findings {
    const all = [...new Set([...this.#stopped, ...this.#members.values()])].map(({ keeper }) =>
      keeper.findings(startedAt),
    )
    return {
      children: all.flatMap((one) => one.children ?? []),
      survivors: all.flatMap((one) => one.survivors ?? []),
      faults: all.flatMap((one) => one.faults ?? []),
    }
  }

  readonly #onFork = (worker: Worker): void => {
    // The app's own listener may fork in the middle of a stop: that one goes, too.
    const member = this.#add(worker)
    if (this.#order && member) this.#stopOne(member, this.#order)
  }

  readonly #onExit = (worker: Worker, code: number | null, signal: NodeJS.Signals | null): void => {
    const member = this.#members.get(worker.id)
    if (!member || this.#order) return
    this.#members.delete(worker.id)
    if (worker.exitedAfterDisconnect) return
    const now = this.#host.now()
    const run = { failed: code !== 0 || signal !== null, readyMs: now - member.startedAt }
    const next = afterEnd(this.#plan.restart, run, member.memory, now, Math.random())
    if (next.action === 'give up') this.#host.gaveUp({ name: member.name, restarts: member.restarts }, next.why)
    if (next.action !== 'restart') return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#next = { env: member.env, memory: next.memory, restarts: member.restarts + 1 }
      this.#cluster.fork({ ...member.env, TERMINATION_GRACE_PERIOD_SECONDS: `${this.#graceSeconds()}` })
    }, next.afterMs)
    this.#timers.add(timer)
  }

  #add(worker: Worker): Member | undefined {
    const { pid } = worker.process
    // One that was adopted by itself before is stopped under its own name, and not replaced.
    if (pid === undefined || this.#host.isAdopted(worker.process)) return undefined
    const name = `${this.#plan.name} worker ${worker.id}`
    const inherited = this.#next ?? { env: ownEnvironment(pid), memory: NO_RESTARTS, restarts: 0 }
    this.#next = undefined
    const keeper = new AdoptedProcess(name, worker.process, this.#plan.stopSignal, this.#host, () => {
      // Whoever forks another one for each that crashed sees that this one did not.
      worker.exitedAfterDisconnect = true
    })
    const member: Member = { ...inherited, name, keeper, startedAt: this.#host.now() }
    this.#members.set(worker.id, member)
    return member
  }

  #stopOne(member: Member, order: StopOrder): void {
    this.#stopped.add(member)
    void member.keeper.stop(order)
  }

  /** Whole seconds, as Kubernetes counts, and never over what we wait for it. */
  #graceSeconds(): number {
    return wholeSeconds(childStopMs(this.#host.graceMs, this.#plan.stopTimeoutMs))
  }
}

/** What a worker's environment has that ours has not: `cluster.fork` forgets what it was given. */
function ownEnvironment(pid: number): Record<string, string> {
  const entries = (fromProc(`/proc/${pid}/environ`) ?? '').split('\0').flatMap((entry) => {
    const at = entry.indexOf('=')
    const [key, value] = [entry.slice(0, at), entry.slice(at + 1)]
    return at > 0 && process.env[key] !== value && !FROM_NODE.includes(key) ? [[key, value] as const] : []
  })
  return Object.fromEntries(entries)
}
