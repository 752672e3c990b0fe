import * as assert from 'uvu/assert'
import { processKey } from '../../lib/process-tree/process-id.ts'
import { type Memory, type Proc, whoNow } from '../../lib/process-tree/stop/signal-route.ts'
import { test } from '../support/suite.ts'
import { snapshot } from './drawn-tree.ts'

/** mulberry32: the same trees at every run; a failure names the seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const LINES = ['bash a', 'sh b', 'ksh c', 'npm start', 'sudo x', 'node server.js', 'python3 y', 'sleep 9', 'tee log']

interface Drawer {
  readonly chance: (p: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
}

function drawer(seed: number): Drawer {
  const next = random(seed)
  return { chance: (p) => next() < p, pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number] }
}

/** Anything goes, parents in a circle and one pid twice too: a snapshot is read line by line while the tree changes. */
function wildTree({ chance, pick }: Drawer): Proc[] {
  const pids = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
  const pipes = ['/dev/null', 'pipe:[1]', 'pipe:[2]', '']
  return pids
    .filter(() => chance(0.8))
    .map((pid): Proc => {
      const argv = pick(LINES).split(' ')
      return {
        ...{
          pid: chance(0.95) ? pid : pick(pids),
          ppid: pick([0, ...pids]),
          pgid: pick(pids),
          startTime: pick([1, 2]),
        },
        ...{
          state: pick(['R', 'S', 'S', 'T', 'D', 'Z', 'X']),
          comm: argv[0] ?? '',
          exe: chance(0.9) ? `/bin/${argv[0]}` : '',
          argv,
        },
        ...{
          caught: chance(0.5),
          blocked: chance(0.1),
          ignored: chance(0.1),
          unsure: chance(0.1),
          exitTrap: chance(0.1),
        },
        ...{ stdin: pick(pipes), stdout: pick(pipes), stderr: pick(pipes) },
      }
    })
}

function wildMemory(tree: readonly Proc[], { chance, pick }: Drawer): Memory {
  const some = (p: number): Set<string> => new Set(tree.filter(() => chance(p)).map(processKey))
  return {
    ...{ self: pick([1, 2, 3]), bornAfter: pick([0, 1, 2]), quietMs: pick([0, 300]), stepOver: new Set(['python3']) },
    ...{ told: some(0.2), passed: some(0.3), daemons: some(0.1), foreground: some(0.1), restarted: some(0.1) },
    supervised: some(0.1),
    ...{ afterWorkOver: chance(0.3), short: chance(0.3) },
  }
}

test('in no tree whatever is a pid told twice, a zombie, ourselves, a stranger, or somebody who was told', () => {
  for (let seed = 0; seed < 5_000; seed++) {
    const draw = drawer(seed)
    const tree = wildTree(draw)
    const memory = wildMemory(tree, draw)
    const now = whoNow(tree, memory)
    const wrong = now.filter(
      (p) =>
        p.state === 'Z' ||
        p.state === 'X' ||
        p.pid === memory.self ||
        !tree.includes(p) ||
        memory.told.has(processKey(p)),
    )
    assert.equal(wrong, [], `seed ${seed}`)
    assert.is(new Set(now.map((p) => p.pid)).size, now.length, `a pid twice, seed ${seed}`)
  }
})

/** A tree that could be: parents first, shells and launchers above servers. */
function plausibleTree({ chance, pick }: Drawer): Proc[] {
  const tree = snapshot().concat()
  const size = pick([1, 2, 3, 5, 8, 13])
  for (let i = 0; i < size; i++) {
    const line = pick(LINES)
    const argv = line.split(' ')
    const parent = i === 0 ? 0 : 100 + pick([...tree.keys()])
    const catches = ['npm start', 'sudo x', 'node server.js', 'ksh c'].includes(line) || chance(0.1)
    const base = snapshot({ line, props: {}, kids: [] })[0] as Proc
    tree.push({ ...base, pid: 100 + i, ppid: parent, argv, caught: catches, ignored: !catches && chance(0.05) })
  }
  return tree
}

function parentOf(p: Proc, tree: readonly Proc[]): Proc | undefined {
  return tree.find((one) => one.pid === p.ppid)
}

/** Plays a stop: a told handler ends 4 looks later, others at once; shells and starters end by themselves after their child. */
function play(seed: number): { told: Proc[]; left: Proc[]; tree: Proc[] } {
  const tree = plausibleTree(drawer(seed))
  const told: Proc[] = []
  const endsAt = new Map<Proc, number>()
  const parentsAtStop = new Set(tree.map((p) => p.ppid))
  const passed = new Set(tree.filter((p) => parentsAtStop.has(p.pid)).map(processKey))
  let living = tree
  let quietSince = 0
  for (let look = 0; look < 600 && living.some((p) => !p.ignored); look++) {
    const before = living.length
    living = living.filter((p) => (endsAt.get(p) ?? Infinity) > look)
    if (living.length < before) quietSince = look
    for (const p of living) {
      const ended = parentsAtStop.has(p.pid) && !living.some((kid) => kid.ppid === p.pid)
      if (ended && !endsAt.has(p) && /sh|ksh|npm|sudo/.test(p.argv[0] as string)) endsAt.set(p, look + 2)
    }
    // Orphans belong to their nearest living ancestor.
    const up = (pid: number): number => {
      if (pid === 0 || living.some((p) => p.pid === pid)) return pid
      return up((tree.find((p) => p.pid === pid) as Proc).ppid)
    }
    const memory: Memory = {
      ...{ self: 1, bornAfter: 1, quietMs: (look - quietSince) * 8, stepOver: new Set<string>() },
      ...{ told: new Set(told.map(processKey)), passed, daemons: new Set<string>(), foreground: new Set<string>() },
      ...{ restarted: new Set<string>(), supervised: new Set<string>(), afterWorkOver: false, short: look > 400 },
    }
    for (const p of whoNow(
      living.map((one) => ({ ...one, ppid: up(one.ppid) })),
      memory,
    )) {
      const mine = tree.find((one) => one.pid === p.pid) as Proc
      told.push(mine)
      endsAt.set(mine, Math.min(endsAt.get(mine) ?? Infinity, look + (p.caught ? 4 : 1)))
    }
  }
  return { told, left: living, tree }
}

test('a stop played to its end tells nobody twice, and leaves nobody but who ignores the signal', () => {
  for (let seed = 0; seed < 150; seed++) {
    const { told, left } = play(seed)
    assert.is(new Set(told).size, told.length, `told twice, seed ${seed}`)
    // Above somebody who never ends a shell never ends.
    const deaf = left.some((p) => p.ignored)
    assert.ok(left.length === 0 || deaf, `left: ${left.map((p) => p.argv.join(' '))}, seed ${seed}`)
  }
})

test('a stop played to its end tells each server that has no handler above it, before its shell', () => {
  for (let seed = 0; seed < 150; seed++) {
    const { told, tree } = play(seed)
    for (const server of tree.filter((p) => p.argv[0] === 'node')) {
      const above: Proc[] = []
      for (let p = parentOf(server, tree); p; p = parentOf(p, tree)) above.push(p)
      const shielded = above.some((p) => p.caught && !['npm', 'sudo', 'ksh'].includes(p.argv[0] as string))
      if (shielded) continue
      assert.ok(told.includes(server), `not told: ${server.pid}, seed ${seed}`)
      const early = above.filter((p) => told.includes(p) && told.indexOf(p) < told.indexOf(server))
      assert.equal(early, [], `told before its server, seed ${seed}`)
    }
  }
})
