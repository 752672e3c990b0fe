import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { can } from '../support/can.ts'
import { readProcess } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { startOnTerminal, type Terminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'
import { saysSignals } from './run-cli.ts'

const skip = can.program('python3') || can.program('bash')
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const run = (...args: string[]) => [process.execPath, cli, 'run', ...args]
const bash = ['bash', '--norc', '--noprofile', '-i']
const env = { INPUTRC: '/dev/null', HISTFILE: undefined }
const PROMPT = /[#$] $/

/** Of the app that said `ready PID`. */
async function appPid(terminal: Terminal): Promise<number> {
  return Number((await terminal.shows(/ready \d+/)).slice('ready '.length))
}

test(
  'Ctrl-C reaches the command once, by the terminal',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...saysSignals(5)))
    await terminal.shows('ready')
    terminal.type('\x03')
    const { code, stdout } = await terminal.app.exited
    assert.equal([code, stdout.match(/got \w+/g)], [5, ['got SIGINT']])
    assert.match(stdout, 'cleaned up')
  },
  { skip },
)

test(
  'Ctrl-\\ reaches the command once',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...saysSignals(6)))
    await terminal.shows('ready')
    terminal.type('\x1c')
    const { code, stdout } = await terminal.app.exited
    assert.equal([code, stdout.match(/got \w+/g)], [6, ['got SIGQUIT']])
  },
  { skip },
)

test(
  'a SIGTERM to run alone reaches a command that shares the terminal',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...saysSignals(7)))
    const runPid = readProcess(await appPid(terminal))?.ppid as number
    process.kill(runPid, 'SIGTERM')
    const { code, stdout } = await terminal.app.exited
    assert.equal([code, stdout.match(/got \w+/g)], [7, ['got SIGTERM']])
  },
  { skip },
)

test(
  'a second Ctrl-C kills what the first one did not end: 130',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...saysSignals(0, 'keeps SIGINT')))
    await terminal.shows('ready')
    terminal.type('\x03')
    await terminal.shows('got SIGINT')
    // After a second the line of progress tells what is waited for.
    await terminal.shows(/waiting/i)
    terminal.type('\x03')
    const { code, stdout } = await terminal.app.exited
    assert.is(code, 130, stdout)
    assert.match(stdout, 'forced by a second SIGINT')
  },
  { skip },
)

test(
  'the window size is passed on, once',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...saysSignals()))
    await terminal.shows('ready')
    terminal.resize(101)
    await terminal.shows('got SIGWINCH 101')
    terminal.resize(102)
    await terminal.shows('got SIGWINCH 102')
    terminal.type('\x03')
    const { stdout } = await terminal.app.exited
    assert.equal(stdout.match(/got SIGWINCH \d+/g), ['got SIGWINCH 101', 'got SIGWINCH 102'])
  },
  { skip },
)

test(
  'Ctrl-Z stops run and its command, and fg goes on with both',
  async (t) => {
    const terminal = await startOnTerminal(t, bash, { env })
    await terminal.shows(PROMPT)
    terminal.type(
      `${run('--', ...saysSignals(9))
        .map((word) => `'${word}'`)
        .join(' ')}\r`,
    )
    const pid = await appPid(terminal)
    const runPid = readProcess(pid)?.ppid as number
    const states = () => [readProcess(runPid)?.state, readProcess(pid)?.state].join('')
    terminal.type('\x1a')
    await until('both are stopped', states, (seen) => seen === 'TT')
    await terminal.shows(/Stopped/)
    terminal.type('fg\r')
    await until('both run again', states, (seen) => !seen.includes('T'))
    terminal.type('\x03')
    await terminal.shows('cleaned up')
    terminal.type('echo "code $?"; exit\r')
    const { stdout } = await terminal.app.exited
    assert.match(stdout, 'code 9')
    assert.equal(stdout.match(/got \w+/g), ['got SIGINT'])
  },
  { skip },
)

test(
  'an interactive shell works under run: job control, its own Ctrl-C, its own code',
  async (t) => {
    const terminal = await startOnTerminal(t, run('--', ...bash), { env })
    await terminal.shows(PROMPT)
    terminal.type('sleep 3000; echo "sleep ended $?"\r')
    await until(
      'sleep has the terminal',
      () => terminal.screen.includes('sleep 3000') && foreground(terminal),
      (name) => name === 'sleep',
    )
    terminal.type('\x03')
    await until(
      'the shell has it again',
      () => foreground(terminal),
      (name) => name === 'bash',
    )
    terminal.type('echo "still $((6 * 7))"\r')
    await terminal.shows('still 42')
    terminal.type('exit 3\r')
    assert.is((await terminal.app.exited).code, 3)
  },
  { skip },
)

test(
  'Ctrl-C ends a loop around run, since run dies of it as its command did',
  async (t) => {
    const terminal = await startOnTerminal(t, bash, { env })
    await terminal.shows(PROMPT)
    const line = run('--', 'sh', '-c', '"echo turn; exec sleep 3000"').join(' ')
    terminal.type(`for i in 1 2 3; do ${line}; done; echo "went on"\r`)
    await terminal.shows(/^turn/m)
    terminal.type('\x03')
    await until(
      'the shell has the terminal again',
      () => foreground(terminal),
      (name) => name === 'bash',
    )
    terminal.type('echo "code $?"; exit\r')
    const { stdout } = await terminal.app.exited
    assert.match(stdout, /^code 130/m)
    assert.equal([stdout.match(/^turn/gm)?.length, /^went on/m.test(stdout)], [1, false])
  },
  { skip },
)

test(
  'in the background it leaves the terminal alone, and fg and Ctrl-C still stop it',
  async (t) => {
    const terminal = await startOnTerminal(t, bash, { env })
    await terminal.shows(PROMPT)
    terminal.type(
      `${run('--', ...saysSignals(4))
        .map((word) => `'${word}'`)
        .join(' ')} &\r`,
    )
    const pid = await appPid(terminal)
    assert.is(readProcess(pid)?.sid, pid)
    terminal.type('fg\r')
    await until(
      'run has the terminal',
      () => foreground(terminal),
      // What Node 20, 24 and 26 call their main thread.
      (name) => ['node', 'MainThread', 'node-MainThread'].includes(name ?? ''),
    )
    terminal.type('\x03')
    await terminal.shows('cleaned up')
    terminal.type('echo "code $?"; exit\r')
    const { stdout } = await terminal.app.exited
    assert.equal([stdout.match(/got \w+/g), /^code 4/m.test(stdout)], [['got SIGINT'], true])
  },
  { skip },
)

for (const [where, wrap] of [
  ['as the leader of the session', false],
  ['as the job of a shell', true],
] as const) {
  test(
    `a closed window is one SIGHUP for the command, ${where}`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-run-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const [said, report] = [join(folder, 'said'), join(folder, 'report.json')]
      const line = run('--report', report, '--', ...saysSignals())
      const terminal = await startOnTerminal(t, wrap ? bash : line, { env: { ...env, SAYS_TO: said } })
      if (wrap) {
        await terminal.shows(PROMPT)
        terminal.type(`${line.map((word) => `'${word}'`).join(' ')}\r`)
      }
      const read = (file: string) => readFileSync(file, 'utf8')
      const pid = await until('the app is ready', () => Number(/ready (\d+)/.exec(read(said))?.[1]))
      assert.ok(pid > 1)
      terminal.hangUp()
      await until(
        'it has cleaned up',
        () => read(said),
        (text) => text.includes('cleaned up'),
      )
      // A second one may come from the kernel when the shell itself ends, with or without run.
      const got = read(said).match(/got \w+/g) ?? []
      assert.equal([...new Set(got)], ['got SIGHUP'])
      assert.ok(got.length <= (wrap ? 2 : 1), got.join())
      await until(
        'run has written its report',
        () => JSON.parse(read(report)) as { ended: string },
        ({ ended }) => ended === 'done',
      )
    },
    { skip },
  )
}

test(
  'a lost terminal does not crash run at its exit',
  async (t) => {
    const terminal = await startOnTerminal(
      t,
      run('--', 'sh', '-c', 'trap "exit 6" HUP; echo ready; while :; do sleep 0.05; done'),
    )
    await terminal.shows('ready')
    terminal.hangUp()
    assert.is((await terminal.app.exited).code, 6)
  },
  { skip },
)

/** The name of whoever leads the terminal's foreground group. */
function foreground(terminal: Terminal): string | undefined {
  const stat = readFileSync(`/proc/${firstChild(terminal.app.pid)}/stat`, 'latin1')
  const tpgid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5])
  return readProcess(tpgid)?.comm
}

function firstChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')[0])
}
