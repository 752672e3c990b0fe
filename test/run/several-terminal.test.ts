import process from 'node:process'
import * as assert from 'uvu/assert'
import { can } from '../support/can.ts'
import { alive } from '../support/processes.ts'
import { test } from '../support/suite.ts'
import { startOnTerminal } from '../support/terminal.ts'
import { until } from '../support/until.ts'
import { saysSignals } from './run-cli.ts'
import { CLI } from './several-cli.ts'

const skip = can.program('python3') || can.program('bash')
const server = saysSignals().join(' ')
const run = `${process.execPath} ${CLI} run one='${server}' two='${server}; exit $?'`

test(
  'Ctrl-C tells every command once, by its stop signal; clean, run dies of it, so that what follows && does not come',
  async (t) => {
    const line = `trap 'echo interrupted' INT; ${run} && echo next; echo code $?`
    const terminal = await startOnTerminal(t, ['bash', '-c', line])
    await terminal.shows(/one .*ready/)
    await terminal.shows(/two .*ready/)
    terminal.type('\x03')
    const { stdout } = await terminal.app.exited
    assert.equal(stdout.match(/got \w+/g), ['got SIGTERM', 'got SIGTERM'])
    assert.equal(stdout.match(/cleaned up/g)?.length, 2)
    assert.match(stdout, 'code 130')
    assert.not.match(stdout, /^next/m)
  },
  { skip },
)

test(
  'a window that is closed stops all',
  async (t) => {
    const terminal = await startOnTerminal(t, ['bash', '-c', run])
    await terminal.shows(/one .*ready/)
    await terminal.shows(/two .*ready/)
    const pids = [...terminal.screen.matchAll(/ready (\d+)/g)].map(([, pid]) => Number(pid))
    assert.is(pids.length, 2)
    terminal.hangUp()
    await until(
      'both are gone',
      () => pids.filter(alive),
      (left) => left.length === 0,
    )
  },
  { skip },
)
