import { heritageOf } from '../children/cascade/heritage.ts'
import { Children } from '../children/children.ts'
import { NobodyOutlives } from '../children/guard/outlive.ts'
import { dieWithParent } from '../children/guard/parent-death.ts'
import type { TreeBook } from '../children/guard/tree-book.ts'
import { monotonicNow } from '../clock/deadline.ts'
import type { Hook } from '../hooks/hook.ts'
import { SharedReading } from '../process-tree/stop/shared-reading.ts'
import type { ShutdownStory } from '../shutdown/shutdown.ts'

export interface ChildrenSetup {
  readonly story: ShutdownStory
  /** Adds a hook that those named in `before` wait for; returns what takes it off. */
  readonly add: (hook: Hook, before: readonly string[]) => () => void
  readonly graceSeconds: number
  readonly guard: boolean
  /** A child goes on after `dispose`, and its end begins nothing. */
  readonly isDisposed: () => boolean
}

/** The children of this shutdown: each a hook in the phase `children`, and nobody of their trees outlives us. */
export function joinChildren({ story, add, graceSeconds, guard, isDisposed }: ChildrenSetup): {
  readonly children: Children
  /** Tells of their trees, now and later; returns what ends that. */
  readonly readTrees: TreeBook['read']
} {
  let begunAt: number | undefined
  story.stopping.signal.addEventListener('abort', () => {
    begunAt = monotonicNow()
  })
  const outlive = new NobodyOutlives({ guard })
  const children = new Children({
    now: monotonicNow,
    begunAt: () => begunAt,
    begin: (reason) => {
      if (!isDisposed()) void story.begin(reason)
    },
    addPart: (name, run, before, findings) =>
      add({ name, phase: 'children', after: [], timeoutMs: undefined, run, findings }, before),
    heritage: (plan) => ({ ...heritageOf(plan, graceSeconds), launcher: guard ? [] : dieWithParent() }),
    reading: new SharedReading(),
    started: (run) => outlive.started(run),
    over: (run) => outlive.over(run),
    idle: () => outlive.idle(),
    graceMs: graceSeconds * 1_000,
  })
  return { children, readTrees: (reader) => outlive.book.read(reader) }
}
