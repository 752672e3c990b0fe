import * as assert from 'uvu/assert'
import { test } from '../../support/suite.ts'
import { judge as judgeKinds } from './judge.ts'
import { bare, type Launcher, lastcall, type Round, runRound } from './round.ts'
import { notAsPid1 } from './surroundings.ts'
import type { Tree } from './tree.ts'
import { script } from './trees/script.ts'

// The judge must be able to say no: what lastcall is for does go wrong without it.

const foreground: Tree = {
  name: 'bash → server',
  told: 'server',
  ...script('bash', 'echo starting\nnode server.js a 100 7\nexit $?\n'),
  expect: { code: 7, ms: 529 },
}

test('a server under bash loses its cleanup and is left behind when nothing is between', async (t) => {
  const faults = judge(foreground, await runRound(t, foreground, notAsPid1, bare))
  assert.is(faults[0], 'a cleaned up 0× and was ready 1×')
  assert.ok(
    faults.some((fault) => fault.startsWith('left behind: ')),
    faults.join('; '),
  )
})

test('a server that is told by its shell and by its group is reported as told twice', async (t) => {
  const tree: Tree = {
    ...foreground,
    ...script(
      'bash',
      `trap 'kill -TERM $p; sleep 0.2; kill -TERM $p; wait $p; exit 7' TERM\nnode server.js a 500 &\np=$!\nwait $p\n`,
    ),
  }
  const faults = judge(tree, await runRound(t, tree, notAsPid1, lastcall))
  assert.match(faults.join('; '), /^a pid \d+ was told 2×$/)
})

test('a wrong code, a lost line and a wrong order are reported', async (t) => {
  const tree: Tree = {
    ...foreground,
    command: ['node', 'server.js', 'a', '100'],
    expect: {
      code: 7,
      ms: 529,
      order: ['a cleaned', 'a told'],
      kept: { log: 'a: last line' },
      once: ['a ready', 'nobody'],
    },
  }
  assert.equal(judge(tree, await runRound(t, tree, notAsPid1)).map(withoutPid), [
    'no "a told" after a cleaned pid N',
    '"nobody" stands 0× in events.log',
    'log lost its "a: last line"',
    'code 0, not 7',
  ])
})

test('a stop that takes longer than its limit is reported', async (t) => {
  const round = await runRound(t, foreground, notAsPid1)
  assert.match(judge(foreground, { ...round, ms: 2_588 }).join(), /^took 2588 ms, more than 2587$/)
})

test('a command that ends before it is up fails, and says what it said', async (t) => {
  const tree: Tree = { ...foreground, ...script('bash', 'echo no server here >&2\n') }
  const nothing: Launcher = bare
  try {
    await runRound(t, tree, notAsPid1, nothing)
    assert.unreachable('it was never up')
  } catch (error) {
    assert.match((error as Error).message, /bash → server ended before it was up:\s+no server here/)
  }
})

function judge(tree: Tree, round: Round): string[] {
  return judgeKinds(tree, round).map(({ text }) => text)
}

function withoutPid(text: string): string {
  return text.replace(/pid \d+/, 'pid N')
}
