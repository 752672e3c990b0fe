import { call, can, has } from '../../hooks/resources/thing.ts'
import type { ConsumerShape } from './intake.ts'

/** What a team gives for a consumer that lastcall does not know. */
export interface OwnConsumer {
  /** Called in the first moment: take no new job from now on. Resolves when the last job that runs is done. */
  stop(): unknown
  /**
   * Called at the limit, when `stop` has not resolved, and where it has failed: give back what still runs. Where it
   * resolves with a number, so many jobs were handed back.
   */
  force?(): unknown
  /** Asked by `/readyz` while nothing stops: false says that it cannot fetch work now. */
  isReady?(): boolean
}

/** Whatever has more of its own than these three is somebody's library, and its `stop` may mean anything. */
export const OWN: ConsumerShape = {
  what: '`{ stop, force }`, your own',
  kind: 'own',
  how: 'stop()',
  forced: '`force()`',
  fate: 'what `force` does; it may return how many it handed back',
  looksLike: (thing) => can(thing, 'stop') && (!has(thing, 'force') || can(thing, 'force')),
  intake: (thing) => {
    let handedBack: number | null = null
    return {
      stop: () => call(thing, 'stop'),
      ...(can(thing, 'force') && {
        force: async () => {
          const told = await call(thing, 'force')
          // Anything else says nothing, and the jobs count as given up.
          if (Number.isSafeInteger(told) && (told as number) >= 0) handedBack = told as number
        },
      }),
      ...(can(thing, 'isReady') && { isReady: () => call(thing, 'isReady') !== false }),
      counts: () => ({ finished: null, handedBack }),
    }
  },
}
