import type { Members } from '../../process-tree/members.ts'

/** A tree of processes that must not outlive us: that of a supervised child, or of an adopted one. */
export interface OwnedTree {
  readonly members: Members
}
