import type { Cluster } from 'node:cluster'
import { LastcallError } from '../../errors.ts'
import { inside, member, type Thing } from '../../hooks/resources/thing.ts'
import type { AdoptedKind } from './adopt-options.ts'

/** A child that lastcall has already; the pid is that of a supervised one. */
export interface Known {
  readonly name: string
  readonly kind?: AdoptedKind
  readonly pid?: number | undefined
}

/** Which things have an owner: two would both stop them, and replace each worker twice. */
export class Adoptions {
  /** The names by thing; a worker of a cluster counts as its process. */
  readonly #names = new WeakMap<object, string>()

  /** @throws {LastcallError} ERR_LASTCALL_DUPLICATE when `value` is a handle of ours */
  refuseHandle(name: string, value: unknown, known: Iterable<Known>): void {
    for (const child of known) if (child === value) throw isOwned(name, isOurs(child))
  }

  /** @throws {LastcallError} ERR_LASTCALL_DUPLICATE */
  refuseSecond(name: string, kind: AdoptedKind, thing: Thing, known: Iterable<Known>): void {
    const key = keyOf(kind, thing)
    const first = this.#names.get(key)
    if (first !== undefined) throw isOwned(name, `adopted as "${first}"`)
    if (kind !== 'process' && kind !== 'cluster worker') return
    const pid = inside(key, 'pid')
    for (const child of known) if (child.pid !== undefined && child.pid === pid) throw isOwned(name, isOurs(child))
    if (this.#clusterOf(key) !== undefined) throw isOwned(name, `a worker of "${this.#clusterOf(key)}"`)
  }

  /** Until it is over. */
  add(name: string, kind: AdoptedKind, thing: Thing, over: Promise<unknown>): void {
    const key = keyOf(kind, thing)
    this.#names.set(key, name)
    void over.then(() => this.#names.delete(key))
  }

  /** Whether a worker was adopted by itself: its cluster leaves it alone. */
  has(worker: object): boolean {
    return this.#names.has(worker)
  }

  /** The adopted cluster that a process is a worker of. To ask for the module costs nothing where it was adopted. */
  #clusterOf(child: object): string | undefined {
    const cluster = theCluster()
    const name = this.#names.get(cluster)
    const isWorker = name !== undefined && Object.values(cluster.workers ?? {}).some((one) => one?.process === child)
    return isWorker ? name : undefined
  }
}

/** The module has two objects: what `import cluster` gives, and what `import * as cluster` gives. */
function keyOf(kind: AdoptedKind, thing: Thing): object {
  if (kind === 'cluster') return theCluster()
  return kind === 'cluster worker' ? (member(thing, 'process') as object) : thing
}

function theCluster(): Cluster {
  // Node has the same object under both of its types.
  return process.getBuiltinModule('node:cluster') as unknown as Cluster
}

function isOurs({ name, kind }: Known): string {
  return `${kind ? 'adopted' : 'supervised'} as "${name}"`
}

function isOwned(name: string, what: string): LastcallError {
  return new LastcallError(
    'ERR_LASTCALL_DUPLICATE',
    `"${name}" cannot be adopted: it is ${what} already. It ends with that one; call that one's stop() to end it sooner.`,
  )
}
