import type { Phase } from '../../clock/phases.ts'
import type { Thing } from './thing.ts'

/** A kind of thing that is known, and the right call for it. */
export interface Shape {
  /** Package and kind, as docs/resources.md lists it. */
  readonly what: string
  /** The graceful call. */
  readonly how: string
  /** The second step at the limit, in words; absent where the package has none. */
  readonly forced?: string
  readonly defaultPhase?: Phase
  /** Tells the kind by its members. */
  readonly looksLike: (thing: Thing) => boolean
  readonly close: (thing: Thing) => unknown
  readonly force?: (thing: Thing) => unknown
}
