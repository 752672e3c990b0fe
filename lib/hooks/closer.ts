import type { Phase } from '../clock/phases.ts'

/** @internal How one thing is closed. */
export interface Closer {
  /** The call, for the report and the debug log: `pool.end()`. */
  readonly how: string
  /** Graceful: what is in flight may finish. */
  readonly close: () => unknown
  /** For a thing that has a second, harder step; called when the limit comes before `close` has settled. */
  readonly force?: () => unknown
  /** Where the thing belongs if nobody says otherwise: loggers and telemetry outlive what they tell about. */
  readonly defaultPhase?: Phase
}
