import { nextTick, queueMicrotask, setImmediate } from '../../real-time.ts'

/**
 * Called at `beforeExit`, before its other listeners: they may find new work for the event loop. Then it is not empty,
 * and `beforeExit` comes again when it is. Calls `then` where nobody found any.
 */
export function whenStillEmpty(then: () => void): void {
  if (process.listenerCount('beforeExit') === 1) {
    then()
    return
  }
  // Standard streams are in the list and hold nothing, so that only what is added tells.
  const before = process.getActiveResourcesInfo().length
  const look = (): void => {
    if (process.getActiveResourcesInfo().length === before) then()
    // A stream that was only opened is no work: without another turn Node would end here, and no hook would run.
    else setImmediate(() => {})
  }
  // All listeners have run by the first tick, all their microtasks by the second. Node looks at the loop after both.
  nextTick(() => queueMicrotask(() => nextTick(look)))
}
