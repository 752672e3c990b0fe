import process from 'node:process'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { test } from '../../support/suite.ts'
import { type Played, play } from './play.ts'
import { Pool } from './pool.ts'
import { notAsPid1 } from './surroundings.ts'
import { explain } from './test-trees.ts'
import type { Tree } from './tree.ts'
import { POSIX_SHELLS } from './trees/script.ts'
import { traps } from './trees/traps.ts'

// Whom a trap tells can only be guessed from outside: such a race passes a single run.
const { CI } = process.env
const TIMES = CI ? 20 : 5
const scripts = ["trap 'exit' TERM; server", 'trap kills, one wait', 'server & tail -f; trap kills', 'trap sets a flag']

for (const shell of POSIX_SHELLS) {
  const chosen = traps.filter(({ name }) => scripts.some((text) => name.startsWith(`${shell}: ${text}`))).map(quick)
  test(
    `a server under a trap of ${shell} is told exactly once, ${TIMES} times with each of ${scripts.length} scripts`,
    async () => {
      assert.is(chosen.length, scripts.length)
      await playEach(chosen, TIMES)
    },
    { limitMs: 120_000 },
  )

  test(
    `a server under a trap of ${shell} is told exactly once beside 8 busy loops`,
    async (t) => {
      // Each ends by itself, should this process be killed.
      const loop = ['timeout', '120', 'sh', '-c', 'while :; do :; done']
      for (let i = 0; i < 8; i++) await startProgram(t, loop, { ready: false })
      await playEach(chosen, 5)
    },
    {
      limitMs: 120_000,
      skip: CI ? false : 'runs in CI: the loops would slow down whatever is tested beside',
    },
  )
}

async function playEach(trees: readonly Tree[], times: number): Promise<void> {
  const pool = new Pool(4)
  const rounds = trees.flatMap((tree) => Array.from({ length: times }, () => pool.run(() => play(tree, notAsPid1))))
  const failed = (await Promise.all(rounds)).filter((played: Played) => played.faults.length > 0)
  assert.is(failed.length, 0, failed.map(explain).join('\n'))
}

/** With a server that starts and ends sooner, and a limit that eight busy loops may reach for. */
function quick(tree: Tree): Tree {
  const text = tree.files?.['start.sh'] ?? ''
  return {
    ...tree,
    files: { 'start.sh': text.replaceAll(/node server\.js (\w)( 500)?/g, 'python3 server.py $1 100') },
    expect: { ...tree.expect, ms: 2_000 },
  }
}
