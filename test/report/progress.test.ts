import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { progressLine, startProgress } from '../../lib/report/progress.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { startOnTerminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'

const app = fileURLToPath(new URL('../apps/slow-hook.js', import.meta.url))
const onTerminal = { skip: can.program('python3') }
const erase = '\r\u001b[K'
const running = (...names: string[]): { name: string; phase: string }[] =>
  names.map((name) => ({ name, phase: 'close' }))

test('the line names what runs, how long it may take, and how far SIGKILL is from there', () => {
  assert.is(
    progressLine({ running: running('postgres'), remainingMs: 2_100, reserveMs: 1_000 }),
    'lastcall: waiting for postgres (close), up to 2.1 s more; then SIGKILL is 1 s away',
  )
  assert.is(
    progressLine({ running: running('a', 'b', 'c', 'd', 'e'), remainingMs: 25_400, reserveMs: 500 }),
    'lastcall: waiting for a (close), b (close), c (close), and 2 more, up to 25 s more; then SIGKILL is 500 ms away',
  )
  assert.is(
    progressLine({ running: [], remainingMs: -3, reserveMs: 200 }),
    'lastcall: stopping, up to 0.0 s more; then SIGKILL is 200 ms away',
  )
})

test('a line never wraps, is refreshed in place, and is erased at the end; nothing is drawn afterwards', async () => {
  const written: string[] = []
  const stop = startProgress({ columns: 40, write: (text) => written.push(text) }, () => ({
    running: running('n'.repeat(100)),
    remainingMs: 5_000,
    reserveMs: 1_000,
  }))
  const keep = setInterval(() => {}, 1_000)
  await until(
    'two lines are drawn',
    () => written.length,
    (lines) => lines === 2,
  )
  stop()
  clearInterval(keep)
  assert.is(written.length, 3)
  assert.is(written[2], erase)
  for (const text of written.slice(0, 2)) {
    assert.ok(text.startsWith(`${erase}lastcall: waiting for nnn`))
    assert.is(text.slice(erase.length).length, 39)
  }
})

test(
  'on a terminal, a shutdown over one second says what it waits for, and leaves only the report line',
  async (t) => {
    const terminal = await startOnTerminal(t, [process.execPath, app, '2500'])
    await terminal.shows(/ready/)
    terminal.type('\x03')
    await terminal.shows(/lastcall: waiting for slow \(close\), up to 2[5-9] s more; then SIGKILL is 1 s away/)
    await terminal.app.exited
    const lines = asShown(terminal.screen)
    assert.not.ok(
      lines.some((line) => line.includes('waiting')),
      lines.join('\n'),
    )
    assert.match(
      lines.find((line) => line.includes('clean')) ?? '',
      /^lastcall: clean: SIGINT, done in 2\.\d s of 30 s; 1 hook, exit code 130$/,
    )
  },
  onTerminal,
)

test(
  'on a terminal, a shutdown under one second shows nothing but the report line',
  async (t) => {
    const terminal = await startOnTerminal(t, [process.execPath, app, '50'])
    await terminal.shows(/ready/)
    terminal.type('\x03')
    await terminal.app.exited
    assert.not.match(terminal.screen, /waiting/)
    assert.match(terminal.screen, /lastcall: clean: SIGINT/)
  },
  onTerminal,
)

test(
  'a terminal that cannot erase is left alone',
  async (t) => {
    const terminal = await startOnTerminal(t, [process.execPath, app, '1500'], { env: { TERM: 'dumb' } })
    await terminal.shows(/ready/)
    terminal.type('\x03')
    await terminal.app.exited
    assert.not.ok(
      ['waiting', '\u001b'].some((text) => terminal.screen.includes(text)),
      terminal.screen,
    )
  },
  onTerminal,
)

/** The lines that a person sees in the end. */
function asShown(screen: string): string[] {
  return screen
    .split(/\r?\n/)
    .map((line) => line.split(erase).at(-1) ?? '')
    .filter((line) => line !== '')
}
