import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../drain/round.ts'
import { Tally } from '../drain/tally.ts'
import { type Load, Routed } from './routed.ts'

/** From SIGTERM to SIGKILL: what Kubernetes takes where a pod does not say. */
const GRACE_MS = 30_000

export interface RolloutOptions {
  readonly load: Load
  /** From SIGTERM until the last source has let go, one after the other. */
  readonly lagMs: number
  /** Of traffic before SIGTERM. */
  readonly warmMs: number
  readonly seed: number
}

export interface Rollout {
  readonly tally: Tally
  /** From SIGTERM until the process had gone. */
  readonly seconds: number
}

/** A pod under load is deleted, and each source hears of it in its turn. */
export async function rollOut(server: RunningServer, { load, lagMs, warmMs, seed }: RolloutOptions): Promise<Rollout> {
  const tally = new Tally()
  const sources = Array.from({ length: load.sources }, (_, n) => new Routed(server.port, n, tally, seed))
  const running = sources.map((source) => load.run(source))
  await sleep(warmMs)
  const sentAt = performance.now()
  server.kill('SIGTERM')
  const killing = setTimeout(() => server.kill('SIGKILL'), GRACE_MS)
  for (const [n, source] of sources.entries()) {
    source.isStopping = true
    setTimeout(() => (source.isRouted = false), (lagMs * (n + 1)) / sources.length)
  }
  await server.exited
  clearTimeout(killing)
  const seconds = (performance.now() - sentAt) / 1_000
  // Whoever still routes here meets nobody: that is what is counted.
  await sleep(Math.max(0, lagMs - seconds * 1_000) + 200)
  for (const source of sources) source.isOver = true
  await Promise.all(running)
  return { tally, seconds }
}
