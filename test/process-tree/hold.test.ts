import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, type Process, readProcess } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { type StartedScript, startScript } from './started-script.ts'

const SHELLS = [['bash'], ['dash'], ['busybox', 'ash']] as const
const lacks = (shell: readonly string[]) => can.program(shell[0] as string)

/** A trap that never comes to its end: the hold lasts as long as it may. */
const HANGS = `trap 'while :; do :; done' TERM; node server.js a 50 & wait`

function server(script: StartedScript): Process {
  const found = script.children().find((p) => p.comm !== 'sleep' && p.comm !== 'tail')
  if (!found) throw new Error('the server is no child of the shell')
  return found
}

/** Resolves when the server stands still, so that what follows happens in the middle of the hold. */
function held(script: StartedScript): Promise<unknown> {
  const { pid } = server(script)
  return until(
    'the server stands still',
    () => readProcess(pid)?.state,
    (state) => state === 'T',
  )
}

async function goesOn(p: Process): Promise<void> {
  await until(
    'the server goes on or has ended',
    () => readProcess(p.pid)?.state,
    (state) => state !== 'T',
  )
}

for (const shell of SHELLS) {
  const [name] = shell.slice(-1)

  test(
    `${name}: a server that the trap tells is told by the trap alone`,
    async (t) => {
      const script = await startScript(t, `trap 'kill $p; wait $p; exit 3' TERM; node server.js a 50 & p=$!; wait $p`, {
        shell,
      })
      const { told } = await script.stop()
      assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
      assert.equal(
        told.map(({ by }) => by),
        ['stop', 'trap'],
      )
      assert.is((await script.app.exited).code, 3)
    },
    { skip: lacks(shell) },
  )

  test(
    `${name}: a server that the trap waits for is told by us`,
    async (t) => {
      const script = await startScript(t, `trap 'exit 3' TERM; node server.js a 50; exit 4`, { shell })
      const { told } = await script.stop()
      assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
      assert.equal(
        told.map(({ by, late }) => `${by}, ${late}`),
        ['stop, false', 'stop, false'],
      )
      assert.is((await script.app.exited).code, 3)
    },
    { skip: lacks(shell) },
  )

  test(
    `${name}: of a pipeline that the trap waits for the writer is told, and its last line arrives`,
    async (t) => {
      const script = await startScript(t, `trap 'exit 3' TERM; node server.js a 50 | tee log; exit 4`, { shell })
      const { told, killed } = await script.stop()
      assert.equal([script.events().slice(1), killed, told.length], [['a told SIGTERM', 'a cleaned'], 0, 2])
      assert.match((await script.app.exited).stdout, 'a: last line')
    },
    { skip: lacks(shell) },
  )
}

test('a foreground command without a handler is ended with the shell, so that the trap runs now', async (t) => {
  const script = await startScript(
    t,
    `trap 'kill $p; wait $p; exit 3' TERM; node server.js a 50 & p=$!; sleep 60; exit 4`,
  )
  const { told } = await script.stop()
  assert.equal(
    told.map(({ name, by }) => `${name.split(' ')[0]} by ${by}`),
    ['sh by stop', 'sleep by stop', 'node by trap'],
  )
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
})

test('a trap that ends its shell without a word leaves its server to us', async (t) => {
  const script = await startScript(t, `trap 'exit 3' TERM; node server.js a 50 & wait`)
  const { told } = await script.stop()
  assert.equal(
    told.map(({ by }) => by),
    ['stop', 'stop'],
  )
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
})

test('a trap that runs a command first is waited for', async (t) => {
  const script = await startScript(
    t,
    `trap 'true; /bin/true; kill $p; wait $p; exit 3' TERM; node server.js a 50 & p=$!; wait`,
  )
  const { told } = await script.stop()
  assert.equal(
    told.map(({ by }) => by),
    ['stop', 'trap'],
  )
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
})

test('a slow trap keeps its order, and its server is told by it alone', async (t) => {
  const script = await startScript(
    t,
    `trap 'sleep 0.7; kill $p; wait $p; exit 3' TERM; node server.js a 50 & p=$!; wait`,
  )
  const { told, durationMs } = await script.stop()
  assert.equal(
    told.map(({ by }) => by),
    ['stop', 'trap'],
  )
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
  assert.ok(durationMs >= 700)
})

test('a trap that sends another signal has told its server as well', async (t) => {
  const script = await startScript(t, `trap 'kill -USR2 $p; wait $p; exit 3' TERM; node server.js a 50 & p=$!; wait`)
  await script.stop()
  assert.equal(script.events(), ['a ready', 'a told SIGUSR2', 'a cleaned'])
})

test('a trap that hangs does not keep its children standing', async (t) => {
  const script = await startScript(t, HANGS)
  const one = server(script)
  const holding = held(script)
  const stop = script.stop({ timeoutMs: 2_000 })
  await holding
  await goesOn(one)
  assert.ok(alive(one))
  // Its shell was told and lives: until time runs short it might be a supervisor at work.
  const { told, killed } = await stop
  assert.equal(
    told.map(({ by, late }) => `${by}, ${late}`),
    ['stop, false', 'stop, true'],
  )
  assert.equal([script.events().slice(1), killed], [['a told SIGTERM', 'a cleaned'], 1])
})

test('a shell that dies in the hold leaves nobody standing, and its server is told', async (t) => {
  const script = await startScript(t, HANGS)
  const holding = held(script)
  const stop = script.stop()
  await holding
  process.kill(script.app.pid, 'SIGKILL')
  const { killed } = await stop
  assert.equal([script.events().slice(1), killed], [['a told SIGTERM', 'a cleaned'], 0])
})

test('a second signal in the hold leaves nobody standing', async (t) => {
  const script = await startScript(t, HANGS)
  const one = server(script)
  const kill = new AbortController()
  const holding = held(script)
  const stop = script.stop({ timeoutMs: 60_000, kill: kill.signal })
  await holding
  kill.abort()
  const { killed, survivors } = await stop
  assert.equal([killed, survivors, alive(one)], [2, [], false])
})

for (const end of ['exit', 'throw']) {
  test(`a process that ends in the hold, by ${end}, leaves nobody standing`, async (t) => {
    const script = await startScript(t, HANGS)
    const one = server(script)
    // It ends as soon as it sees the server stand still, which may be over before anybody else looks.
    const driver = await startProgram(t, [
      ...[process.execPath, '--import', 'tsx', fileURLToPath(new URL('stop-driver.ts', import.meta.url))],
      ...[String(script.app.pid), script.members.cookie as string, '60000', end, String(one.pid)],
    ])
    assert.is((await driver.exited).code, end === 'exit' ? 0 : 1)
    await goesOn(one)
    assert.ok(alive(one))
    process.kill(one.pid, 'SIGTERM')
    await until('it cleans up', script.events, (events) => events.includes('a cleaned'))
  })
}
