import type { ChildProcess } from 'node:child_process'
import type { Worker as ClusterWorker } from 'node:cluster'
import type { Worker } from 'node:worker_threads'
import { LastcallError } from '../../errors.ts'
import { checkName } from '../../hooks/hook.ts'
import { can, has, inside, isThing, member, type Thing } from '../../hooks/resources/thing.ts'
import { show } from '../../options.ts'
import { checkSystem } from '../plan/child-plan.ts'
import type { AdoptedKind, AdoptOptions } from './adopt-options.ts'
import { type AdoptPlan, checkAdoption } from './adopt-plan.ts'
import { AdoptedThing } from './adopted.ts'
import { AdoptedCluster, type ClusterHost } from './adopted-cluster.ts'
import { AdoptedPool } from './adopted-pool.ts'
import { AdoptedProcess } from './adopted-process.ts'
import { AdoptedThread } from './adopted-thread.ts'
import type { Keeper } from './keeper.ts'

const TAKES =
  'adopt takes a ChildProcess (of node:child_process or execa), a cluster.Worker, the cluster module, ' +
  'a worker_threads.Worker, or a piscina or tinypool pool'

/** What is wanted, checked; nothing of the thing is touched. */
export interface Adoption {
  readonly kind: AdoptedKind
  readonly plan: AdoptPlan
  readonly thing: Thing
}

/**
 * Recognises a thing by its members: `instanceof` fails with a second realm, and execa's subprocess is a promise, too.
 * @throws {LastcallError} ERR_LASTCALL_OPTION, ERR_LASTCALL_PROCESS
 */
export function checkAdopted(name: unknown, value: unknown, options: AdoptOptions): Adoption {
  checkName('adopt', name)
  const kind = isThing(value) ? kindOf(value) : undefined
  if (!kind || !isThing(value)) throw refusal(name, value)
  const plan = checkAdoption(name, kind, options)
  if (kind === 'process' || kind === 'cluster' || kind === 'cluster worker') checkSystem(name)
  if (kind === 'cluster' && inside(value, 'isPrimary') !== true) {
    throw new LastcallError(
      'ERR_LASTCALL_OPTION',
      `"${name}" is the cluster module in a worker, and only its primary can adopt it. Write if (cluster.isPrimary) shutdown.adopt(…).`,
    )
  }
  const child = kind === 'process' ? value : kind === 'cluster worker' ? member(value, 'process') : undefined
  if (child !== undefined && inside(child, 'pid') === undefined) {
    throw new LastcallError(
      'ERR_LASTCALL_PROCESS',
      `"${name}" was never started: its event error says why (${String(inside(child, 'spawnfile'))}).`,
    )
  }
  return { kind, plan, thing: value }
}

/** From here on it is ours to end. */
export function adopt({ kind, plan, thing }: Adoption, host: ClusterHost): AdoptedThing {
  return new AdoptedThing(kind, plan, keeperOf(kind, plan, thing, host), host.now)
}

function keeperOf(kind: AdoptedKind, plan: AdoptPlan, thing: Thing, host: ClusterHost): Keeper {
  switch (kind) {
    case 'process':
      return new AdoptedProcess(plan.name, thing as unknown as ChildProcess, plan.stopSignal, host)
    case 'cluster worker': {
      const worker = thing as unknown as ClusterWorker
      return new AdoptedProcess(plan.name, worker.process, plan.stopSignal, host, () => {
        // Whoever forks another one for each that crashed sees that this one did not.
        worker.exitedAfterDisconnect = true
      })
    }
    case 'cluster':
      return new AdoptedCluster(plan, host)
    case 'thread':
      return new AdoptedThread(thing as unknown as Worker, plan, host.now)
    case 'pool':
      return new AdoptedPool(thing)
  }
}

function kindOf(thing: Thing): AdoptedKind | undefined {
  if (can(thing, 'kill', 'on') && has(thing, 'spawnfile', 'pid')) return 'process'
  if (can(thing, 'isDead', 'isConnected', 'kill') && has(thing, 'process')) return 'cluster worker'
  // In a worker it has no fork, and is recognised all the same: the refusal says where to write it.
  if (has(thing, 'isPrimary', 'isWorker', 'Worker')) return 'cluster'
  if (can(thing, 'terminate', 'postMessage', 'on') && has(thing, 'threadId')) return 'thread'
  if (can(thing, 'run', 'destroy') && has(thing, 'threads', 'queueSize')) return 'pool'
  return undefined
}

function refusal(name: string, value: unknown): LastcallError {
  const isPromise = isThing(value) && can(value, 'then')
  const fix = isPromise
    ? 'It is a promise: await it first.'
    : `For what has a call that closes it write shutdown.resource(${show(name)}, …), for anything else shutdown.hook(${show(name)}, …, { phase: 'children' }).`
  return new LastcallError('ERR_LASTCALL_OPTION', `"${name}" cannot be adopted, got ${show(value)}. ${TAKES}. ${fix}`)
}
