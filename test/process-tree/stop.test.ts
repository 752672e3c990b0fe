import * as assert from 'uvu/assert'
import { processKey } from '../../lib/process-tree/process-id.ts'
import { passSignal } from '../../lib/process-tree/stop/pass-signal.ts'
import { alive, children } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { startScript } from './started-script.ts'

test('a server below a shell that swallows SIGTERM is told, cleans up, and the shell ends with its code', async (t) => {
  const script = await startScript(t, 'node server.js a 100 7; exit $?')
  const result = await script.stop()
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
  assert.equal(
    result.told.map(({ name, by, late, signal }) => ({ name, by, late, signal })),
    [{ name: 'node server.js a 100 7', by: 'stop', late: false, signal: 'SIGTERM' }],
  )
  assert.equal([result.killed, result.unstopped, result.survivors, result.denied, result.deaf], [0, [], [], [], []])
  assert.ok(result.durationMs >= 100 && (result.told[0]?.atMs ?? Infinity) < result.durationMs)
  assert.is((await script.app.exited).code, 7)
})

test('each of the told is announced when it is told', async (t) => {
  const script = await startScript(t, 'node server.js a 50 & wait')
  const seen: string[] = []
  await script.stop({ onTold: ({ name }) => seen.push(`${name}, ${script.events().includes('a cleaned')}`) })
  assert.equal(seen, ['node server.js a 50, false'])
})

test('a tree that has gone already is stopped at once', async (t) => {
  const script = await startScript(t, 'echo "a ready pid 0" >>events.log')
  await script.app.exited
  const { told, killed, durationMs } = await script.stop()
  assert.equal([told, killed], [[], 0])
  assert.ok(durationMs < 5_000)
})

test('who ignores the signal is named before it is killed at the limit', async (t) => {
  const script = await startScript(t, `trap '' TERM; echo "a ready pid 0" >>events.log; exec sleep 60`)
  const named: string[] = []
  const result = await script.stop({
    timeoutMs: 2_000,
    onDeaf: ({ name, pid }) => named.push(`${name}, ${alive(pid) ? 'alive' : 'dead'}`),
  })
  assert.equal(named, ['sleep 60, alive'])
  assert.equal(result.told, [])
  assert.equal(
    [result.deaf, result.unstopped].map((list) => list.map((p) => p.name)),
    [['sleep 60'], ['sleep 60']],
  )
  assert.is(result.killed, 1)
  assert.ok(result.durationMs >= 1_990)
  assert.is((await script.app.exited).signal, 'SIGKILL')
})

test('with two seconds, a server below a launcher that swallows the signal is told late, and still cleans up', async (t) => {
  const launcher = `process.on('SIGTERM', () => {}); require('child_process').spawn('node', ['server.js', 'a', '100'], { stdio: 'inherit' }).on('exit', () => process.exit(5))`
  const script = await startScript(t, `node -e "${launcher}"; exit $?`)
  const result = await script.stop({ timeoutMs: 2_000 })
  assert.equal(
    result.told.map(({ late }) => late),
    [false, true],
  )
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
  assert.is(result.killed, 0)
  assert.is((await script.app.exited).code, 5)
})

test('a launcher that is named by stepOver is not waited for', async (t) => {
  const launcher = `process.on('SIGTERM', () => {}); require('child_process').spawn('node', ['server.js', 'a', '100'], { stdio: 'inherit' }).on('exit', () => process.exit(5))`
  const script = await startScript(t, `echo "${launcher}" >launch.cjs; node launch.cjs; exit $?`)
  const result = await script.stop({ stepOver: ['launch'] })
  assert.equal(
    result.told.map(({ name, late }) => `${name}, ${late}`),
    ['node server.js a 100, false'],
  )
  assert.is((await script.app.exited).code, 5)
})

test('the limit ends a tree whose server cleans up for too long', async (t) => {
  const script = await startScript(t, 'node server.js a 60000 & node server.js b 50 & wait', {
    ready: ['a ready', 'b ready'],
  })
  const result = await script.stop({ timeoutMs: 1_000 })
  assert.ok(script.events().includes('b cleaned'))
  assert.not(script.events().includes('a cleaned'))
  assert.equal(result.unstopped.map((p) => p.name).sort(), [
    'node server.js a 60000',
    'sh -c node server.js a 60000 & node server.js b 50 & wait',
  ])
  assert.is(result.killed, 2)
  assert.equal(result.survivors, [])
})

test('a second signal kills the tree at once', async (t) => {
  const script = await startScript(t, 'node server.js a 60000 & wait')
  const kill = new AbortController()
  const result = await script.stop({
    timeoutMs: 60_000,
    kill: kill.signal,
    onTold: () => setTimeout(() => kill.abort(), 50),
  })
  assert.is(result.killed, 2)
  assert.ok(result.durationMs < 15_000)
  assert.equal(result.survivors, [])
})

test('a second signal that came before the stop kills the tree at once', async (t) => {
  const script = await startScript(t, 'node server.js a 60000 & wait')
  const result = await script.stop({ timeoutMs: 60_000, kill: AbortSignal.abort() })
  assert.equal([result.told, result.killed], [[], 2])
})

test('whom a terminal has told already is not told again, but who ignores its signal gets SIGTERM', async (t) => {
  // sh makes what it starts with & ignore SIGINT.
  const script = await startScript(t, 'node server.js a 400 & sleep 60 & wait')
  const pgid = script.app.pid
  script.app.killGroup('SIGINT')
  await until('the server was told', script.events, (events) => events.includes('a told SIGINT'))
  await until('the shell died of it', () => !alive(script.app.identity))
  const result = await script.stop({ signal: 'SIGINT', alreadyTold: (member) => member.pgid === pgid })
  assert.equal(script.events(), ['a ready', 'a told SIGINT', 'a cleaned'])
  assert.equal(
    result.told.map(({ name, by, signal }) => `${name}: ${signal} by ${by}`),
    ['node server.js a 400: SIGINT by terminal', 'sleep 60: SIGTERM by stop'],
  )
})

test('a stopped server goes on, cleans up and ends', async (t) => {
  const script = await startScript(t, 'node server.js a 50; exit $?')
  const [server] = script.children()
  process.kill(server?.pid as number, 'SIGSTOP')
  await until(
    'it stands still',
    () => script.children()[0]?.state,
    (state) => state === 'T',
  )
  await script.stop()
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
})

test('what a command that has ended left behind is told', async (t) => {
  const script = await startScript(t, 'node server.js a 50 & while ! grep -q "a ready" events.log; do sleep 0.05; done')
  script.members.scan()
  await script.app.exited
  const result = await script.stop()
  assert.equal(result.told.length, 1)
  assert.equal(script.events(), ['a ready', 'a told SIGTERM', 'a cleaned'])
})

test('a daemon is told when the rest has gone, since the rest may need it', async (t) => {
  const script = await startScript(t, '(setsid node server.js db 50 &); node server.js a 300; exit 0', {
    ready: ['a ready', 'db ready'],
  })
  script.members.scan()
  const result = await script.stop()
  assert.equal(script.events().slice(2), ['a told SIGTERM', 'a cleaned', 'db told SIGTERM', 'db cleaned'])
  assert.equal(result.killed, 0)
})

test('a stop leaves no timer and no listener behind', async (t) => {
  const script = await startScript(t, `trap 'exit 3' TERM; node server.js a 50; true`, { shell: ['bash'] })
  const held = (): unknown => [
    process.listenerCount('exit'),
    process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length,
  ]
  const before = held()
  await script.stop({ timeoutMs: 600_000 })
  assert.equal(held(), before)
})

test('a signal that begins no stop goes to the nearest that handles it, and ends nobody', async (t) => {
  const script = await startScript(t, 'sleep 60 & node server.js a 50; exit $?')
  const [server] = script.children().filter((p) => p.comm !== 'sleep')
  assert.equal(await passSignal(script.members, 'SIGUSR2'), [server?.pid])
  await until('it was told', script.events, (events) => events.includes('a told SIGUSR2'))
  assert.equal(
    script
      .children()
      .filter((p) => p.comm === 'sleep')
      .map(alive),
    [true],
  )
  assert.equal(await passSignal(script.members, 'SIGPWR'), [])
})

test('two members with one pid are two: a recycled pid is never signalled', async (t) => {
  const script = await startScript(t, 'node server.js a 50; exit $?')
  const { told } = await script.stop()
  const [one] = told
  assert.ok(one && one.startTime > 0 && processKey(one) !== processKey({ ...one, startTime: one.startTime + 1 }))
  assert.equal(children(script.app.pid), [])
})
