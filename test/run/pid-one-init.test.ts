import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { asPid1 } from '../process-tree/real-trees/surroundings.ts'
import { type ProgramOptions, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { alive, children, commandLine, kill, type Process, tree } from '../support/processes.ts'
import { type TestContext, test } from '../support/suite.ts'
import { startOnTerminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'
import { cliIn, INITS, noExecve } from './pid-one-cli.ts'
import { jsonReport, saysSignals, theRun } from './run-cli.ts'

const { prefix, missing } = asPid1
const onTerminal = can.root() || can.program('python3')

function inForeground({ pid, comm, pgid, state }: Process): boolean {
  const tpgid = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[5])
  return comm === 'sleep' && state === 'S' && tpgid === pgid
}

function run(init: string, ...rest: readonly string[]): string[] {
  return [process.execPath, cliIn(), 'run', '--init', init, ...rest]
}

async function toEnd(t: TestContext, command: readonly string[], options: ProgramOptions = {}) {
  const app = await startProgram(t, [...prefix, ...command], { ready: false, ...options })
  return { app, ended: await app.exited }
}

for (const { name, skip: without } of INITS) {
  const skip = without || missing

  test(
    `under ${name} the exit code is the command's, 128 + n after a signal, 127 where there is none`,
    async (t) => {
      const codes = ['exit 42', 'kill -KILL $$', 'kill -TERM $$', 'exit 0', 'exit 129'].map(async (script) => {
        const { ended } = await toEnd(t, run(name, '--', 'sh', '-c', script))
        return ended.code
      })
      const { ended } = await toEnd(t, run(name, '--', '/no/such/program'))
      assert.equal([...(await Promise.all(codes)), ended.code], [42, 137, 143, 0, 129, 127])
    },
    { skip, limitMs: 40_000 },
  )

  test(
    `under ${name} the command has run's environment, arguments, folder and standard input, and nothing of the init`,
    async (t) => {
      // A shell would drop the second, and take the third for its own.
      const env = { GIVEN: 'a\nb', 'with.dot-and-dash': 'c', p: 'd', PWD: undefined, SHLVL: undefined, _: undefined }
      const print = `process.stdin.on('data', (text) => {
        const { GIVEN, p, PWD, SHLVL, _, LASTCALL_INIT, ...rest } = process.env
        console.log(JSON.stringify([String(text), process.cwd(), process.argv.slice(1)]))
        console.log(JSON.stringify([GIVEN, rest['with.dot-and-dash'], p, PWD, SHLVL, _, LASTCALL_INIT].map(String)))
        process.exit(0)
      })`
      const words = ['two words', '', '$HOME "*"']
      const command = run(name, '--', process.execPath, '-e', print, ...words)
      const options: ProgramOptions = { env, cwd: '/usr', ready: false, stdio: ['pipe', 'pipe', 'pipe'] }
      const app = await startProgram(t, [...prefix, ...command], options)
      app.process.stdin?.end('typed')
      const { stdout, stderr } = await app.exited
      const [outer, inner] = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.equal(outer, ['typed', '/usr', words], stderr)
      assert.equal(inner, ['a\nb', 'c', 'd', ...Array(4).fill('undefined')])
    },
    { skip },
  )

  test(
    `under ${name} each signal reaches the command once, as itself`,
    async (t) => {
      const usual = ['SIGUSR1', 'SIGUSR2', 'SIGWINCH']
      // What tini and catatonit keep to themselves, auto does not ask of them.
      const optional = ['HUP', 'QUIT', 'ALRM', 'URG', 'IO', 'PWR', ...(/init|sh/.test(name) ? ['TTIN', 'TTOU'] : [])]
      const passed = [...usual, ...optional.map((one) => `SIG${one}`)]
      const says = `for (const name of ${JSON.stringify([...passed, 'SIGTERM'])})
          process.on(name, () => { console.log('got', name); if (name === 'SIGTERM') process.exit(7) })
        setInterval(() => console.log('ready'), 1000)`
      const options = optional.flatMap((one) => ['--pass', one])
      const command = run(name, '--json', ...options, '--', process.execPath, '-e', says)
      const app = await startProgram(t, [...prefix, ...command])
      const { first } = await theRun(app)
      assert.match(commandLine(first.pid), new RegExp(`^(/\\S*/)?${name} `))
      for (const signal of passed) {
        process.kill(first.pid, signal)
        await app.says(new RegExp(`got ${signal}\n`))
      }
      process.kill(first.pid, 'SIGTERM')
      const ended = await app.exited
      assert.equal([ended.code, ended.stdout.match(/SIG\w+/g)], [7, [...passed, 'SIGTERM']], ended.stderr)
      assert.equal(
        jsonReport(ended).signals.map((one) => one.signal),
        ['SIGTERM'],
      )
    },
    { skip },
  )

  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const) {
    test(
      `under ${name} ${signal} begins the stop, and reaches the command once`,
      async (t) => {
        const app = await startProgram(t, [...prefix, ...run(name, '--', ...saysSignals(6))])
        const { first } = await theRun(app)
        process.kill(first.pid, signal)
        const { code, stdout } = await app.exited
        assert.equal([code, stdout.match(/SIG\w+/g)], [6, [signal]])
      },
      { skip },
    )
  }

  // As `podman run -t`: PID 1 leads the session of the terminal.
  const leader = [...prefix, 'setsid', '-c']

  test(
    `under ${name} Ctrl-C reaches a command on a terminal once, and Ctrl-Z stops nobody`,
    async (t) => {
      const terminal = await startOnTerminal(t, [...leader, ...run(name, '--', ...saysSignals(5))])
      await terminal.shows('ready')
      terminal.type('\x1a')
      // Its answer comes from a command that runs.
      terminal.resize(100)
      await terminal.shows('got SIGWINCH 100')
      assert.equal(
        tree(terminal.app.pid).filter((p) => p.state === 'T'),
        [],
      )
      terminal.type('\x03')
      const { code, stdout } = await terminal.app.exited
      assert.equal([code, stdout.match(/got SIG(?!WINCH)\w+/g)], [5, ['got SIGINT']], stdout)
    },
    { skip: skip || onTerminal },
  )

  test(
    `under ${name} a shell on the terminal has job control`,
    async (t) => {
      const bash = ['bash', '--norc', '--noprofile', '-i']
      const env = { INPUTRC: '/dev/null', HISTFILE: undefined }
      const terminal = await startOnTerminal(t, [...leader, ...run(name, '--', ...bash)], { env })
      await terminal.shows(/[#$] $/)
      terminal.type('sleep 3000\r')
      await terminal.shows('sleep 3000')
      terminal.type('\x1a')
      await terminal.shows(/Stopped +sleep 3000[\s\S]*[#$] $/)
      terminal.type('fg\r')
      await until('sleep is in the foreground', () => tree(terminal.app.pid).find(inForeground))
      terminal.type('\x03')
      await terminal.shows(/fg\r\n[\s\S]*\^C[\s\S]*[#$] $/)
      terminal.type('exit 9\r')
      const { code, stdout } = await terminal.app.exited
      assert.is(code, 9, stdout)
    },
    { skip: skip || onTerminal },
  )

  test(
    `under ${name} the command is told when its terminal is gone`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-hang-up-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const log = join(folder, 'log')
      const command = [...leader, ...run(name, '--', ...saysSignals(4))]
      const terminal = await startOnTerminal(t, command, { env: { SAYS_TO: log } })
      await until('the command is ready', () => existsSync(log))
      const { first } = await theRun(terminal.app)
      terminal.hangUp()
      await until('PID 1 is gone', () => !alive(first))
      assert.match(readFileSync(log, 'utf8'), /^ready.*\ngot SIGHUP\ncleaning up\ncleaned up\n$/)
    },
    { skip: skip || onTerminal },
  )
}

test(
  'an init that was named and is not there is refused before anything starts; so is a name that is none',
  async (t) => {
    const env = { PATH: '/nowhere' }
    const wrong = await toEnd(t, run('runit', '--', 'echo', 'started'))
    assert.equal([wrong.ended.code, wrong.ended.stdout], [2, ''])
    assert.match(wrong.ended.stderr, '--init takes auto, none, tini, catatonit, dumb-init, sh, got "runit"')
    // On a Node without execve every one of them is not to be had.
    if (!noExecve) return
    const old = await toEnd(t, run('sh', '--', 'echo', 'started'), { env: { ...env, PATH: process.env.PATH } })
    assert.equal([old.ended.code, old.ended.stdout], [2, ''])
    assert.match(old.ended.stderr, '--init sh cannot be had: Node 20')
  },
  { skip: missing },
)

test(
  'with --init none, or where somebody else is PID 1, run stays what it is',
  async (t) => {
    const app = await startProgram(t, [...prefix, ...run('none', '--', ...saysSignals())])
    const [first] = children(app.pid) as [Process]
    t.after(() => kill([first]))
    assert.match(commandLine(first.pid), process.execPath)
    process.kill(first.pid, 'SIGTERM')
    await app.exited
    const other = await startProgram(t, [
      ...prefix,
      'sh',
      '-c',
      '"$@"; true',
      'sh',
      ...run('auto', '--', ...saysSignals()),
    ])
    const below = await theRun(other)
    assert.is(children(below.run.pid).length, 1)
    assert.match(commandLine(below.run.ppid), /^sh -c "\$@"; true/)
  },
  { skip: missing },
)
