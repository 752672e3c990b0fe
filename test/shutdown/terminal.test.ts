import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { startOnTerminal } from '../support/terminal.ts'

test(
  'Ctrl-C on a terminal cleans up, then ends the process by the signal, so that the shell does not go on after &&',
  async (t) => {
    const app = fileURLToPath(new URL('../apps/slow-hook.js', import.meta.url))
    const line = `${process.execPath} ${app} 50 && echo went on; echo code $?`
    const terminal = await startOnTerminal(t, ['bash', '-c', line])
    await terminal.shows('ready')
    terminal.type('\x03')
    await terminal.app.exited
    assert.match(terminal.screen, 'slow begins')
    assert.match(terminal.screen, 'lastcall: clean: SIGINT')
    assert.not.match(terminal.screen, 'went on')
  },
  { skip: can.program('python3') || can.program('bash') },
)
