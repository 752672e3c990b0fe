import { sleep } from '../../real-time.ts'
import type { Members } from '../members.ts'
import { Ancestry } from './ancestry.ts'
import { deliver } from './deliver.ts'
import { type RouteProc, RouteSnapshot } from './route-snapshot.ts'
import { type Memory, whoHandles } from './signal-route.ts'

export interface PassOptions {
  readonly stepOver?: readonly string[]
}

/** Between two looks at who blocks the signal. */
const LOOK_AGAIN_MS = 8

/**
 * Hands on a signal that begins no stop (USR1, USR2, WINCH, a HUP that reloads) to the nearest processes that handle it,
 * and to nobody else: its default action would end them. Resolves with their pids.
 */
export async function passSignal(
  members: Members,
  signal: NodeJS.Signals,
  options: PassOptions = {},
): Promise<readonly number[]> {
  const ancestry = new Ancestry()
  const snapshot = new RouteSnapshot(signal, ancestry, { insist: false })
  let tree = await look()
  if (tree.some((p) => p.unsure)) {
    await sleep(LOOK_AGAIN_MS)
    tree = await look()
  }
  const targets = whoHandles(tree, { ...NO_STOP, stepOver: new Set(options.stepOver) })
  return targets.filter((p) => deliver(p, signal) === 'sent').map((p) => p.pid)

  async function look(): Promise<RouteProc[]> {
    const living = members.scan()
    ancestry.learn(living)
    return await snapshot.read(living, NO_STOP.told)
  }
}

/** Nobody was told and nothing is over: daemons are asked like the rest, and nobody is a newcomer. */
const NO_STOP: Memory = {
  self: process.pid,
  told: new Set(),
  passed: new Set(),
  daemons: new Set(),
  foreground: new Set(),
  restarted: new Set(),
  supervised: new Set(),
  stepOver: new Set(),
  bornAfter: Number.POSITIVE_INFINITY,
  quietMs: 0,
  afterWorkOver: false,
  short: false,
}
