import type { Findings } from '../../hooks/findings.ts'
import type { Reason } from '../../hooks/reason.ts'
import type { SharedReading } from '../../process-tree/stop/shared-reading.ts'
import type { OwnedTree } from '../guard/owned-tree.ts'
import type { ChildEnd } from '../life/child-end.ts'

/** What an adopted thing needs of the rest. */
export interface KeeperHost {
  readonly now: () => number
  /** By which all children that stop look for their trees. */
  readonly reading: SharedReading
  /** A tree lives from `started` to `over`: it must not outlive us. */
  readonly started: (tree: OwnedTree) => void
  readonly over: (tree: OwnedTree) => void
}

/** How and within what time a thing is to end. */
export interface StopOrder {
  readonly limitMs: number
  /** Aborted: by force, now. */
  readonly kill: AbortSignal
  /** What began the shutdown; undefined for `stop()`. */
  readonly reason: Reason | undefined
}

/** Knows one kind of thing: when it ends, and how it is ended. */
export interface Keeper {
  /** Resolves when it has ended for good, by itself or by `stop`. */
  readonly over: Promise<ChildEnd>
  /** It had ended before it was adopted. */
  readonly wasOver: boolean
  stop(order: StopOrder): Promise<void>
  /** How many were ended by force. */
  readonly killed: number
  /** `startedAt`: when the shutdown began. */
  findings(startedAt: number): Findings
}
