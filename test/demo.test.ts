import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { drawEndings, story } from '../examples/demo/draw-endings.ts'
import { drawLosses, lossStory } from '../examples/demo/load/draw-losses.ts'
import type { Loss } from '../examples/demo/load/stop-under-load.ts'
import { paintFor } from '../examples/demo/paint.ts'
import { type Place, place, works } from '../examples/demo/places.ts'
import { type Ending, startPod } from '../examples/demo/stop-pod.ts'
import { startProgram } from './support/app.ts'
import { can } from './support/can.ts'
import { Containers } from './support/containers.ts'
import { type TestContext, test } from './support/suite.ts'

const START_SH = fileURLToPath(new URL('../examples/demo/start.sh', import.meta.url))
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const LASTCALL = [process.execPath, CLI, 'run', '--grace', '15', '--']

let containers: Containers | undefined

async function stop(t: TestContext, where: Place, command: string[], graceMs: number, env = {}): Promise<Ending> {
  if (where.name === 'podman') {
    containers ??= new Containers()
    Object.assign(process.env, containers.env)
  }
  const pod = startPod(where, command.join(' '), command, env)
  t.after(pod.dispose)
  return pod.stop(graceMs)
}

/** `can` knows what CI must be able to do; beyond that a place is tried, since kernels and AppArmor have a say. */
const SKIP: Record<Place['name'], string | false> = {
  unshare: can.linux() || can.pidNamespace(),
  'unshare --user': works('unshare --user') ? false : 'needs unprivileged user namespaces',
  podman: can.podman(),
  'no namespace': can.linux(),
}

for (const name of ['unshare', 'unshare --user', 'podman'] as const) {
  const options = { skip: SKIP[name], limitMs: 60_000 }

  test(
    `${name}: a start script as PID 1 never tells its server, and is killed at the end of the grace period`,
    async (t) => {
      const ending = await stop(t, place(name), ['sh', START_SH], 1000)
      assert.equal([ending.handles, ending.sawMs, ending.cleanedMs], [false, undefined, undefined])
      assert.ok((ending.killedMs ?? 0) >= 1000)
    },
    options,
  )

  test(
    `${name}: under lastcall run as PID 1 the server is told, cleans up, and the pod ends by itself`,
    async (t) => {
      const ending = await stop(t, place(name), [...LASTCALL, 'sh', START_SH], 20_000)
      assert.equal([ending.handles, ending.code, ending.killedMs], [true, 0, undefined])
      assert.ok((ending.cleanedMs ?? 0) >= 500)
    },
    options,
  )
}

test(
  'without a namespace the shell dies at once, and its server is orphaned and never told',
  async (t) => {
    const ending = await stop(t, place('no namespace'), ['sh', START_SH], 1000)
    assert.ok((ending.commandGoneMs ?? Infinity) < 1000)
    assert.equal([ending.sawMs, ending.cleanedMs], [undefined, undefined])
    assert.ok((ending.killedMs ?? 0) >= 1000)
  },
  { skip: SKIP['no namespace'], limitMs: 60_000 },
)

test(
  'without a namespace, under lastcall run, the server is told and cleans up',
  async (t) => {
    const ending = await stop(t, place('no namespace'), [...LASTCALL, 'sh', START_SH], 20_000)
    assert.equal([ending.code, ending.killedMs], [0, undefined])
    assert.ok((ending.cleanedMs ?? 0) >= 500)
  },
  { skip: SKIP['no namespace'], limitMs: 60_000 },
)

test(
  'where Python is absent the server is one of Node, and ends the same way',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lastcall-test-'))
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'python3'), '#!/bin/sh\nexit 127\n')
    chmodSync(join(folder, 'python3'), 0o755)
    const env = { PATH: `${folder}:${process.env.PATH}` }
    const ending = await stop(t, place('no namespace'), [...LASTCALL, 'sh', START_SH], 20_000, env)
    assert.equal([ending.code, ending.killedMs], [0, undefined])
    assert.ok((ending.cleanedMs ?? 0) >= 500)
  },
  { skip: SKIP['no namespace'], limitMs: 60_000 },
)

test(
  'npm run demo draws its three parts in plain text of at most 80 columns where stdout is no terminal',
  async (t) => {
    const demo = await startProgram(t, ['npm', 'run', '--silent', 'demo'], { ready: false })
    const { code, stdout, stderr } = await demo.exited
    assert.equal([code, stderr], [0, ''])
    assert.equal(stdout.includes('\x1b'), false)
    assert.equal(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    )
    assert.match(stdout, /^lastcall run +[░█]+✔\n +server told after .*, cleaned up, gone after .*, code 0$/m)
    assert.match(stdout, /^(ba)?sh start\.sh +░+✗\n +(server never told|shell died)/m)
    assert.match(stdout, /^ {2}message broker .*timed out/m)
    assert.match(stdout, /^ {2}traces .*done/m)
    assert.match(stdout, /^server\.close\(\) +█+✗\n +\d[\d,]* of [\d,]+ requests lost; .*SIGKILL$/m)
    assert.match(stdout, /^best library +█+✔\n/m)
    assert.match(stdout, /^lastcall +█+✔\n +none of [\d,]+ requests lost; gone after /m)
  },
  { skip: SKIP['no namespace'], limitMs: 60_000 },
)

const base: Ending = { command: 'lastcall run', isNamespace: true, handles: true, graceMs: 5000, nowMs: 5000 }
const ENDINGS: [Partial<Ending>, string][] = [
  [
    { sawMs: 20, cleanedMs: 520, goneMs: 550, code: 0 },
    'server told after 20 ms, cleaned up, gone after 0.55 s, code 0',
  ],
  [{ sawMs: 1, goneMs: 12, code: 143 }, 'told after 1 ms, killed with PID 1 11 ms into its cleanup'],
  [{ sawMs: 200, goneMs: 400 }, 'told after 0.20 s, killed with PID 1 0.20 s into its cleanup'],
  [{ goneMs: 6, code: 143 }, 'server never told; killed with PID 1 after 6 ms, no cleanup'],
  [{ killedMs: 5001, goneMs: 5010, handles: false }, 'server never told, PID 1 has no handler; SIGKILL, no cleanup'],
  [
    { isNamespace: false, commandGoneMs: 4, killedMs: 5001, goneMs: 5010 },
    'shell died after 4 ms: server orphaned, never told, still up',
  ],
  [{ sawMs: 20 }, 'server told after 20 ms'],
]

test('the demo says of each ending what happened, in words that fit', () => {
  for (const [ending, words] of ENDINGS) {
    assert.is(story({ ...base, ...ending }), words)
    const lines = drawEndings([{ ...base, ...ending }], 5000, paintFor({}))
    assert.equal(
      lines.filter((line) => line.length > 80),
      [],
    )
  }
})

test('the bar of an ending is waiting, then cleanup, then how it went, on the scale of the grace period', () => {
  const bar = (ending: Partial<Ending>): string =>
    drawEndings([{ ...base, ...ending }], 5000, paintFor({}))[3] as string
  assert.is(bar({ sawMs: 1000, cleanedMs: 2000, goneMs: 2000 }), `lastcall run    ${'░'.repeat(12)}${'█'.repeat(12)}✔`)
  assert.is(bar({ sawMs: 1000, goneMs: 2000 }), `lastcall run    ${'░'.repeat(12)}${'█'.repeat(12)}✗`)
  assert.is(bar({ killedMs: 5000, goneMs: 5003 }), `lastcall run    ${'░'.repeat(60)}✗`)
  assert.is(bar({ nowMs: 1000 }), `lastcall run    ${'░'.repeat(12)}`)
})

const LOSSES: [Loss, string, string][] = [
  [
    { title: 'close', ranMs: 5004, end: { lost: 1200, asked: 123_456, wasKilled: true } },
    `${'█'.repeat(60)}✗`,
    '1,200 of 123,456 requests lost; kept open until SIGKILL',
  ],
  [
    { title: 'peer', ranMs: 250, end: { lost: 57, asked: 618, wasKilled: false } },
    '███✔',
    '57 of 618 requests lost; gone after 0.25 s',
  ],
  [
    { title: 'lastcall', ranMs: 100, end: { lost: 0, asked: 799, wasKilled: false } },
    '█✔',
    'none of 799 requests lost; gone after 0.10 s',
  ],
  [{ title: 'now', ranMs: 1000 }, '████████████', 'stopping'],
]

test('the demo says of each server under load how long it ran, and what its clients lost', () => {
  for (const [loss, bar, words] of LOSSES) {
    const lines = drawLosses([loss], 5000, paintFor({}))
    assert.equal(lines.slice(3), [`${loss.title.padEnd(16)}${bar}`, `${' '.repeat(16)}${words}`])
    assert.is(lossStory(loss), words)
  }
})
