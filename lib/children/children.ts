import { LastcallError } from '../errors.ts'
import type { Findings } from '../hooks/findings.ts'
import type { HookFunction } from '../hooks/hook.ts'
import type { Reason } from '../hooks/reason.ts'
import { nearest } from '../options.ts'
import { queueMicrotask } from '../real-time.ts'
import { adopt, checkAdopted } from './adopt/adopt.ts'
import type { AdoptOptions } from './adopt/adopt-options.ts'
import type { AdoptedThing } from './adopt/adopted.ts'
import { Adoptions } from './adopt/adoptions.ts'
import type { ChildHost, LastEnd, Predecessor } from './child-host.ts'
import type { OwnedTree } from './guard/owned-tree.ts'
import { endText, exitCodeOf } from './life/child-end.ts'
import type { SuperviseOptions } from './plan/child-options.ts'
import { checkChild } from './plan/child-plan.ts'
import { SupervisedChild } from './supervised-child.ts'

/** What the children need of the shutdown. */
export interface ChildrenHost {
  readonly now: () => number
  /** When the shutdown began; undefined before. */
  readonly begunAt: () => number | undefined
  readonly begin: (reason: Reason) => void
  /** Adds a hook to the phase `children`, which those named in `before` wait for; returns what takes it off. */
  readonly addPart: (name: string, run: HookFunction, before: readonly string[], findings: () => Findings) => () => void
  readonly heritage: ChildHost['heritage']
  readonly reading: ChildHost['reading']
  readonly started: (tree: OwnedTree) => void
  readonly over: (tree: OwnedTree) => void
  /** Every child has ended for good. */
  readonly idle: () => void
  /** The whole grace period, in milliseconds. */
  readonly graceMs: number
}

/** How many that have ended are known by name. */
const MOST_PAST = 1_000

/** The children of a process, supervised and adopted ones, by name. */
export class Children {
  readonly #host: ChildrenHost
  readonly #children = new Map<string, SupervisedChild | AdoptedThing>()
  /** Those that have ended for good; who starts after a migration may be registered when that is done. */
  readonly #past = new Map<string, Predecessor>()
  readonly #adoptions = new Adoptions()
  /** Neither gone nor failed. */
  #living = 0

  constructor(host: ChildrenHost) {
    this.#host = host
  }

  supervise(name: string, command: unknown, options: SuperviseOptions): SupervisedChild {
    const plan = checkChild(name, command, options)
    if (this.#host.begunAt() !== undefined) {
      throw new LastcallError('ERR_LASTCALL_STOPPING', `child "${name}" cannot start: the process is stopping.`)
    }
    const before = this.#named(plan)
    let child: SupervisedChild | undefined
    let release = (): void => {}
    // The hook comes first: where its name is taken nothing has started.
    const off = this.#host.addPart(
      name,
      async (context) => child?.stopInShutdown(context),
      plan.after,
      () => child?.findings(this.#host.begunAt() ?? this.#host.now()) ?? {},
    )
    child = new SupervisedChild(plan, {
      ...this.#host,
      before,
      ended: (one, how) => this.#ended(one, how, release),
    })
    release = this.#keep(child, off)
    return child
  }

  adopt(name: string, thing: unknown, options: AdoptOptions): AdoptedThing {
    this.#adoptions.refuseHandle(name, thing, this.#children.values())
    const adoption = checkAdopted(name, thing, options)
    this.#adoptions.refuseSecond(name, adoption.kind, adoption.thing, this.#children.values())
    if (this.#host.begunAt() !== undefined) {
      throw new LastcallError('ERR_LASTCALL_STOPPING', `child "${name}" cannot be adopted: the process is stopping.`)
    }
    this.#named(adoption.plan)
    let adopted: AdoptedThing | undefined
    const off = this.#host.addPart(
      name,
      async (context) => adopted?.stopInShutdown(context),
      adoption.plan.after,
      () => adopted?.findings(this.#host.begunAt() ?? this.#host.now()) ?? {},
    )
    adopted = adopt(adoption, {
      ...this.#host,
      isAdopted: (worker) => this.#adoptions.has(worker),
      gaveUp: (worker, why) => {
        if (adoption.plan.onGiveUp) adoption.plan.onGiveUp(worker)
        else this.#host.begin({ kind: 'child', child: worker.name, message: why, exitCode: 1 })
      },
    })
    this.#adoptions.add(name, adoption.kind, adoption.thing, adopted.over)
    this.#keep(adopted, off)
    void this.#beginAtEnd(adopted)
    return adopted
  }

  /** Returns what lets its name go. */
  #keep(child: SupervisedChild | AdoptedThing, off: () => void): () => void {
    const { name, ready } = child
    this.#children.set(name, child)
    this.#living++
    const release = (): void => {
      // In a shutdown the report still asks for it.
      if (this.#children.get(name) !== child || this.#host.begunAt() !== undefined) return
      off()
      this.#children.delete(name)
      this.#past.delete(name)
      this.#past.set(name, { name, ready })
      // A service may start a child for each of its jobs, under a new name each.
      for (const oldest of this.#past.keys()) {
        if (this.#past.size <= MOST_PAST) break
        this.#past.delete(oldest)
      }
    }
    void child.over.then(() => {
      if (--this.#living === 0) this.#host.idle()
      release()
    })
    return release
  }

  /** A significant one ends the whole. */
  async #beginAtEnd(adopted: AdoptedThing): Promise<void> {
    const end = await adopted.over
    if (!adopted.plan.significant || adopted.wasStopped) return
    this.#host.begin({ kind: 'child', child: adopted.name, message: endText(end), exitCode: exitCodeOf(end) })
  }

  /** Whether every child is ready, for a readiness probe. */
  states(): readonly { readonly name: string; readonly state: (SupervisedChild | AdoptedThing)['state'] }[] {
    return [...this.#children.values()].map(({ name, state }) => ({ name, state }))
  }

  #named(plan: { readonly name: string; readonly after: readonly string[] }): Predecessor[] {
    return plan.after.map((name) => {
      const child = this.#children.get(name) ?? this.#past.get(name)
      if (child) return child
      const near = nearest(name, [...this.#children.keys()])
      const soFar = this.#children.size === 0 ? '' : `Children so far: ${[...this.#children.keys()].join(', ')}. `
      const fix = near ? `Did you mean "${near}"?` : `${soFar}Supervise or adopt "${name}" first.`
      throw new LastcallError(
        'ERR_LASTCALL_AFTER',
        `child "${plan.name}" comes after "${name}", and no child has that name. ${fix}`,
      )
    })
  }

  #ended({ name, plan, restarts }: SupervisedChild, how: LastEnd | undefined, release: () => void): () => void {
    const { onGiveUp, significant } = plan
    const beginsIt = how !== undefined && (significant || (how.failed && !onGiveUp))
    if (!beginsIt) release()
    return () => {
      // An error in it is the app's own, uncaught as in any callback; the child's life comes to its end all the same.
      if (how?.failed && onGiveUp) queueMicrotask(() => onGiveUp({ name, restarts }))
      // Its own code where it is significant; one that failed for good is no success, whatever its last code was.
      if (beginsIt)
        this.#host.begin({ kind: 'child', child: name, message: how.why, exitCode: significant ? how.exitCode : 1 })
    }
  }
}
