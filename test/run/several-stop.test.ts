import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { startCli, startProgram } from '../support/app.ts'
import { alive, type Process, tree } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { jsonReport, saysSignals } from './run-cli.ts'
import { CLI, events, folder, gone, service, startConfig } from './several-cli.ts'

const server = (code = 0, keeps = ''): string =>
  saysSignals(code, keeps)
    .map((word) => `'${word}'`)
    .join(' ')

test('SIGTERM, SIGINT, SIGQUIT and SIGHUP each stop all: who handles the stop signal is told once, beneath a start script too', async (t) => {
  const stop = async (signal: NodeJS.Signals) => {
    const app = await startCli(t, ['run', '--json', `web=${server()}`, `worker=${server()}; exit $?`], { ready: false })
    await app.says(/web +\| ready/)
    await app.says(/worker +\| ready/)
    const all = tree(app.pid)
    app.kill(signal)
    const ended = await app.exited
    assert.equal([ended.code, jsonReport(ended).outcome], [0, 'clean'], ended.stderr)
    await gone(all)
    for (const name of ['web', 'worker']) {
      const lines = ended.stdout.split('\n').filter((line) => line.startsWith(name))
      assert.equal(
        lines.slice(1).map((line) => line.split('| ')[1]),
        ['got SIGTERM', 'cleaning up', 'cleaned up'],
      )
    }
  }
  await Promise.all((['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'] as const).map(stop))
})

test('--stop-signal is for those commands that name none', async (t) => {
  const [program = '', ...args] = saysSignals()
  const command = [program, ...args]
  const app = await startConfig(
    t,
    {
      commands: {
        one: { command, ready: { line: 'ready' } },
        two: { command, ready: { line: 'ready' }, stopSignal: 'SIGINT' },
      },
    },
    { args: ['--stop-signal', 'QUIT'] },
  )
  await app.says('one is ready')
  await app.says('two is ready')
  app.kill('SIGTERM')
  const { code, stdout } = await app.exited
  assert.equal(
    [code, stdout.match(/^one \| got (\w+)/m)?.[1], stdout.match(/^two \| got (\w+)/m)?.[1]],
    [0, 'SIGQUIT', 'SIGINT'],
  )
})

test('who ignores the signal is killed at the deadline with all that it started, and costs the others nothing', async (t) => {
  const app = await startCli(
    t,
    ['run', '--json', '--grace', '3', 'deaf=trap "" TERM; echo ready; sleep 3000; sleep 3000', `web=${server()}`],
    { ready: false },
  )
  await app.says(/deaf +\| ready/)
  await app.says(/web +\| ready/)
  const all = tree(app.pid)
  app.kill('SIGTERM')
  const ended = await app.exited
  const { outcome, faults, children, durationMs } = jsonReport(ended)
  assert.equal([ended.code, outcome, faults], [137, 'unclean', ['2 processes of deaf had to be killed']])
  assert.match(ended.stdout, /^web +\| cleaned up$/m)
  assert.ok(durationMs < 3_500, `${durationMs} ms`)
  assert.equal(children.map(({ name, killed }) => [name, killed]).sort(), [
    ['deaf', 2],
    ['web', 0],
  ])
  await gone(all)
})

test('a launcher that swallows the signal is stepped over, named for one command or for all', async (t) => {
  const launch = `for (const signal of ['SIGTERM', 'SIGUSR2']) process.on(signal, () => {})
require('node:child_process').spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' })
  .on('exit', (code) => process.exit(code ?? 1))`
  const [node = '', ...args] = saysSignals()
  const command = { command: [node, './launch.cjs', ...args], ready: { line: 'ready' } }
  const stop = async (more: object, options: readonly string[]) => {
    const config = JSON.stringify({ commands: { a: { ...command, ...more } } })
    const cwd = folder(t, { 'launch.cjs': launch, 'lastcall.config.json': config })
    const app = await startCli(t, ['run', '--json', ...options], { ready: 'a is ready', cwd })
    app.kill('SIGUSR2')
    await app.says('a | got SIGUSR2')
    app.kill('SIGTERM')
    const ended = await app.exited
    const [child] = jsonReport(ended).children
    assert.is(ended.code, 0, ended.stderr)
    assert.equal(
      child?.told.map(({ name }) => /says-signals/.test(name) && !/launch/.test(name)),
      [true],
    )
  }
  await Promise.all([stop({ stepOver: ['launch'] }, []), stop({}, ['--step-over', 'other', '--step-over', 'launch'])])
})

test('a second Ctrl-C over half a second after the first kills all: 130', async (t) => {
  const app = await startCli(t, ['run', `a=${server(0, 'keeps SIGTERM')}`, `b=sleep 3000; true`], { ready: false })
  await app.says(/a \| ready/)
  const all = tree(app.pid)
  app.kill('SIGINT')
  await app.says(/a \| got SIGTERM/)
  const echo = performance.now() + 600
  await until('the echo window is over', () => performance.now() > echo)
  app.kill('SIGINT')
  assert.is((await app.exited).code, 130)
  await gone(all)
})

test('nobody of any command outlives a run that is killed by SIGKILL', async (t) => {
  const app = await startCli(t, ['run', `a=${server()}; exit 1`, 'b=setsid sleep 3000 & sleep 3000'], { ready: false })
  await app.says(/a \| ready/)
  const all = await until(
    'the guard and both trees are there',
    () => tree(app.pid),
    (found) => ['sleep', 'lastcall guard'].every((name) => found.some(({ comm }) => comm === name)),
  )
  app.kill('SIGKILL')
  await app.exited
  await gone(all)
})

test('the pre-stop line runs first, from the file or the command line, while the commands still run', async (t) => {
  const config = { commands: { web: service(50) }, preStop: 'echo from the file' }
  for (const [args, said] of [
    [[], 'from the file'],
    [['--pre-stop', 'echo from the line'], 'from the line'],
  ] as const) {
    const app = await startConfig(t, config, { args })
    await app.says('web is ready')
    app.kill('SIGTERM')
    const { code, stderr } = await app.exited
    assert.is(code, 0)
    assert.match(stderr, new RegExp(`stopping: SIGTERM\\n${said}\\nlastcall run: web ended`))
  }
})

test('the report goes to the file that the configuration names, beside it', async (t) => {
  const cwd = folder(t, {
    'lastcall.config.json': JSON.stringify({ commands: { web: service(50) }, reportFile: 'report.json' }),
  })
  const app = await startCli(t, ['run'], { ready: 'web is ready', cwd })
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
  assert.ok(existsSync(join(cwd, 'report.json')))
})

test('a command in its back-off is not started again, and one that waits for another never starts', async (t) => {
  const app = await startConfig(t, {
    commands: {
      crash: 'exit 3',
      slow: service(0, { ready: { line: 'never' } }),
      next: { command: 'echo next starts', after: ['slow'] },
    },
  })
  await app.says(/(?:crash ended with code 3, again[\s\S]*){3}/)
  app.kill('SIGTERM')
  const { code, stdout, stderr } = await app.exited
  assert.not.match(stdout, /next starts/)
  assert.is(stderr.split('stopping:')[1]?.includes('crash started'), false)
  assert.is(code, 3)
})

test('signals that begin no stop go to those that handle them, in every command', async (t) => {
  const app = await startCli(
    t,
    ['run', '--pass', 'HUP', `a=${server(0, 'keeps SIGHUP')}`, `b=${server(0, 'keeps SIGHUP')}; true`, 'c=sleep 3000'],
    {
      ready: false,
    },
  )
  await app.says(/a \| ready/)
  await app.says(/b \| ready/)
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGHUP'] as const) {
    app.kill(signal)
    await app.says(new RegExp(`^a \\| got ${signal}$`, 'm'))
    await app.says(new RegExp(`^b \\| got ${signal}$`, 'm'))
  }
  assert.ok(alive(app.identity))
  assert.not.ok(events(app.stderr).some((line) => line.startsWith('c ended')))
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('a reader that never reads holds neither the stop nor the deadline up', async (t) => {
  const app = await startCli(t, ['run', '--grace', '2', 'loud=yes', `web=${server()}`], {
    ready: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await app.says('web started')
  app.process.stdout?.pause()
  const all = await until(
    'both run',
    () => tree(app.pid),
    (found) => found.length >= 4,
  )
  app.kill('SIGTERM')
  await until('it is gone', () => !alive(app.identity))
  await gone(all)
  app.process.stdout?.resume()
})

test('a reader that goes away ends nobody, and the stop comes as ever', async (t) => {
  const line = `'${process.execPath}' '${CLI}' run --grace 5 loud=yes "web=${server()}" | sed -n '/^web .*ready/{p;q}'`
  const app = await startProgram(t, ['bash', '-c', line], { ready: /^web +\| ready/m })
  const isRun = (p: Process): boolean => tree(p.pid).length > 2 && p.pid !== app.pid
  const run = (await until('run is there', () => tree(app.pid).find(isRun))) as Process
  const all = tree(run.pid)
  await until('the reader is gone', () => !tree(app.pid).some(({ comm }) => comm === 'sed'))
  process.kill(run.pid, 'SIGTERM')
  const { stderr } = await app.exited
  await gone(all)
  assert.match(stderr, /stopping: SIGTERM\n(.*\n)*lastcall run: web ended with code 0/)
  assert.not.match(stderr, /EPIPE|Warning/)
})

test('each command has a session of its own, so that no signal to our group or terminal reaches it but through us', async (t) => {
  const app = await startCli(t, ['run', `a=${server()}`], { ready: false })
  await app.says(/a \| ready/)
  const [, ...below] = tree(app.pid)
  assert.ok(below.every(({ sid }) => sid !== process.pid && sid !== app.pid))
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 0)
})

test('what goes between the check and the start is said, and nobody is left: those that started are stopped', async (t) => {
  const config = {
    commands: {
      first: service(50),
      next: { command: 'true', cwd: 'there' },
      last: 'true',
    },
  }
  // The first that listens to SIGTERM here is the shutdown, made when all was checked and before anything starts.
  const text = `import { mkdirSync, rmdirSync } from 'node:fs'
mkdirSync('there')
process.once('newListener', () => rmdirSync('there'))
export default ${JSON.stringify(config)}`
  const cwd = folder(t, { 'lastcall.config.mjs': text })
  const app = await startCli(t, ['run', '--grace', '3600'], { ready: false, cwd })
  const { code, stderr } = await app.exited
  assert.is(code, 2, stderr)
  assert.match(stderr, /^lastcall: next cannot start: supervise\.cwd must be a folder that exists, got ".*there"\. /m)
})
