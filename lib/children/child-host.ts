import type { SharedReading } from '../process-tree/stop/shared-reading.ts'
import type { ChildRun } from './life/child-run.ts'
import type { Heritage } from './life/spawn.ts'
import type { ChildPlan } from './plan/child-plan.ts'
import type { SupervisedChild } from './supervised-child.ts'

/** A child that another one starts after. */
export interface Predecessor {
  readonly name: string
  readonly ready: Promise<void>
}

/** What a child needs of the rest. */
export interface ChildHost {
  readonly now: () => number
  /** The children that this one waits for. */
  readonly before: readonly Predecessor[]
  /** Environment and descriptor by which a lastcall in the child learns its deadline. */
  readonly heritage: (plan: ChildPlan) => Heritage
  /** By which all children that stop look for their trees. */
  readonly reading: SharedReading
  /** A tree lives from `started` to `over`: somebody remembers its members, and kills them should we be killed. */
  readonly started: (run: ChildRun) => void
  readonly over: (run: ChildRun) => void
  /**
   * It has come to its last end, which is about to be told. Its name is free again unless its end begins the shutdown;
   * returns what is to be done once the end was told. `how`: undefined where it was stopped.
   */
  readonly ended: (child: SupervisedChild, how: LastEnd | undefined) => () => void
}

/** By its policy, or out of restarts. */
export interface LastEnd {
  readonly failed: boolean
  readonly why: string
  readonly exitCode: number
}

/** How a stop went. */
export interface ChildStop {
  /** Its exit code; null where a signal ended it. */
  readonly code: number | null
  /** The signal that ended it; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null
  /** How many of its tree had to be killed. */
  readonly killed: number
  /** From the stop signal until its whole tree had gone, in milliseconds. */
  readonly durationMs: number
}
