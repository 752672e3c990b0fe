import { inspect } from 'node:util'
import * as assert from 'uvu/assert'
import { test } from '../../support/suite.ts'
import { missing, type Played, play } from './play.ts'
import { Pool } from './pool.ts'
import { lastcall } from './round.ts'
import type { Surroundings } from './surroundings.ts'
import type { Tree } from './tree.ts'

/** One test for each tree. They are played side by side, a few at once: most of a stop is waiting. */
export function testTrees(trees: readonly Tree[], surroundings: Surroundings, atOnce = 4): void {
  const pool = new Pool(atOnce)
  for (const tree of trees) {
    const skip = missing(tree, surroundings)
    const played = skip ? undefined : pool.run(() => playInTime(tree, surroundings))
    test(
      `${surroundings.name}, everybody has their time in ${tree.name}`,
      async () => assert.equal((await played)?.faults, [], explain(await played)),
      { skip, limitMs: 120_000 },
    )
  }
}

/** A late round may have measured the machine: it is played again, and must be in time then, and right. */
async function playInTime(tree: Tree, surroundings: Surroundings): Promise<Played> {
  let played = await play(tree, surroundings, lastcall)
  for (let again = 0; again < 2 && played.faults.some(({ kind }) => kind === 'late'); again++) {
    console.log(`late, so once more: ${tree.name}, ${Math.round(played.round?.ms ?? 0)} ms`)
    played = await play(tree, surroundings, lastcall)
  }
  return played
}

/** What a failed round says of itself. */
export function explain(played: Played | undefined): string {
  const { faults = [], round } = played ?? {}
  return `${faults.map(({ text }) => text).join('; ')}\n${inspect(round, { depth: 6, breakLength: 140 })}`
}
