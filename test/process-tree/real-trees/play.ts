import { can } from '../../support/can.ts'
import type { TestContext } from '../../support/suite.ts'
import { type Fault, judge } from './judge.ts'
import { type Launcher, lastcall, type Round, runRound } from './round.ts'
import type { Surroundings } from './surroundings.ts'
import type { Tree } from './tree.ts'

/** One tree, stopped once and judged. */
export interface Played {
  /** Why it could not be played; then nothing else is there. */
  readonly skipped?: string
  readonly round?: Round
  /** What was not as expected, in words. */
  readonly faults: readonly Fault[]
}

/** Why this tree cannot be played here; false where it can. */
export function missing(tree: Tree, surroundings: Surroundings): string | false {
  if (surroundings.missing) return surroundings.missing
  if (tree.root && !surroundings.root) return 'needs root'
  for (const program of tree.needs ?? []) {
    const reason = can.program(program)
    if (reason) return reason
  }
  return false
}

export async function play(tree: Tree, surroundings: Surroundings, launcher: Launcher = lastcall): Promise<Played> {
  const skipped = missing(tree, surroundings)
  if (skipped) return { skipped, faults: [] }
  const cleanups: (() => unknown)[] = []
  const limit = AbortSignal.timeout(40_000)
  const t: TestContext = { signal: limit, after: (cleanup) => cleanups.push(cleanup) }
  try {
    const round = await runRound(t, tree, surroundings, launcher, launcher === lastcall ? 'SIGTERM' : stopSignal(tree))
    return { round, faults: judge(tree, round) }
  } catch (error) {
    return { faults: [{ kind: 'lost', text: error instanceof Error ? error.message : String(error) }] }
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

/** What an image's STOPSIGNAL would say: lastcall gets SIGTERM, and tells the command that. */
function stopSignal({ options = [] }: Tree): NodeJS.Signals {
  const at = options.indexOf('--stop-signal')
  return at < 0 ? 'SIGTERM' : (`SIG${options[at + 1]}` as NodeJS.Signals)
}
