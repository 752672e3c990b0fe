import type { TreeNews } from '../process-tree/owned/told-trees.ts'
import type { Change } from '../report/chronicle.ts'

/** What the thread is given when it starts. */
export interface WatchdogOrders {
  /** Of a SharedState. */
  readonly state: SharedArrayBuffer
  /** `process.hrtime` when main's clock stood at 0: each thread counts from its own start. */
  readonly originNs: bigint
  readonly heartbeatMs: number | undefined
  readonly reportFile: string | undefined
  readonly terminationLog: string | undefined
  /** For the report of a shutdown that the heartbeat begins. */
  readonly grace: { readonly seconds: number; readonly source: string }
  /** Whether main may be looked into. */
  readonly inspect: boolean
}

/** What it is told while it sleeps; it reads that only when it has to end the process. */
export type WatchdogMessage = { readonly change: Change } | { readonly trees: TreeNews }
