import type { Thing } from '../../hooks/resources/thing.ts'
import { sleep } from '../../real-time.ts'

/** Something that fetches work by itself, as a shutdown sees it. */
export interface Intake {
  /**
   * Called once, in the first moment of the shutdown, inside the signal's own event: from now on no job may start.
   * Resolves when the last one is done.
   */
  stop(): unknown
  /**
   * Called at most once, at the limit or where `stop` has failed: what still runs goes back to its queue. Absent where the library has no way.
   * `goneInMs` is when this process has ended at the latest: a job that starts elsewhere before may run twice at a time.
   */
  force?(goneInMs: number): unknown
  /** Whether it fetches work now; absent where the library does not tell. */
  isReady?(): boolean
  /** What has become of the jobs since `stop`; null where the library does not tell. */
  counts(): IntakeCounts
  /** Takes back what was changed on the thing, when the registration is taken off before anything stopped. */
  release?(): void
}

export interface IntakeCounts {
  readonly finished: number | null
  /** Those that `force` gave back, and those that it gave up. */
  readonly handedBack: number | null
}

/** How often a look is taken whether jobs have ended, in milliseconds. */
const LOOK_AGAIN_MS = 5

/** Resolves when none of `running` is left, after `looks` times 5 ms at the latest: some were on their last line at the limit. */
export async function lastMoments(running: { readonly size: number }, looks: number): Promise<void> {
  for (let look = 0; look < looks && running.size > 0; look++) await sleep(LOOK_AGAIN_MS)
}

/** A kind of consumer that is known. The words are those of the table in docs/consumers.md. */
export interface ConsumerShape {
  /** The package, and what of it. */
  readonly what: string
  /** As the report names it. */
  readonly kind: string
  /** What is called in the first moment. */
  readonly how: string
  /** What is called at the limit; absent where there is nothing. */
  readonly forced?: string
  /** What becomes of a job that was still running at the limit. */
  readonly fate: string
  /** Tells the kind by its members. */
  readonly looksLike: (thing: Thing) => boolean
  readonly intake: (thing: Thing) => Intake
}

export const UNCOUNTED: IntakeCounts = { finished: null, handedBack: null }
