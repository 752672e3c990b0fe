import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type TestContext, test } from '../support/suite.ts'
import { jsonReport, runToEnd, saysSignals, startRun } from './run-cli.ts'

test('run ends with the code of its command, and says nothing', async (t) => {
  for (const expected of [0, 7, 255]) {
    const { code, signal, stdout, stderr } = await runToEnd(t, [], ['sh', '-c', `exit ${expected}`])
    assert.equal([code, signal, stdout, stderr], [expected, null, '', ''])
  }
})

test('a command that a signal ended is 128 + n, in the report too', async (t) => {
  const ended = await runToEnd(t, ['--json'], ['sh', '-c', 'kill -KILL $$'])
  assert.is(ended.code, 137)
  const { exitCode, outcome, children } = jsonReport(ended)
  assert.equal([exitCode, outcome, children[0]?.signal, children[0]?.code], [137, 'clean', 'SIGKILL', null])
})

test('a stopped command ends with its own code, not with one of the signal', async (t) => {
  const app = await startRun(t, [], saysSignals(5))
  app.kill('SIGTERM')
  const { code, stdout, stderr } = await app.exited
  assert.equal([code, stderr], [5, ''])
  assert.match(stdout, /got SIGTERM\ncleaning up\ncleaned up\n$/)
})

test('arguments reach the command as they are, without a shell', async (t) => {
  const { stdout } = await runToEnd(t, [], ['printf', '%s|', 'a b', '$HOME', '*', '', '--json', '"'])
  assert.is(stdout, 'a b|$HOME|*||--json|"|')
})

test('a command that does not exist is 127', async (t) => {
  const { code, stderr } = await runToEnd(t, [], ['no-such-command'])
  assert.equal([code, stderr], [127, 'lastcall run: command not found: no-such-command.\n'])
})

test('a whole command line in quotes is 127, with the cure', async (t) => {
  const { code, stderr } = await runToEnd(t, [], ['node server.js'])
  assert.is(code, 127)
  assert.match(
    stderr,
    /^lastcall run: command not found: node server\.js\. Write program and arguments as separate words/,
  )
})

test('a file that is not executable is 126, and so is a folder', async (t) => {
  const file = script(t, '#!/bin/sh\n')
  chmodSync(file, 0o644)
  for (const command of [file, '/tmp']) {
    const { code, stderr } = await runToEnd(t, [], [command])
    assert.equal([code, stderr.split('\n').length], [126, 2])
    assert.match(stderr, `lastcall run: cannot execute ${command}: it is not executable, or a directory.`)
  }
})

test('a script whose interpreter does not exist is named, since the kernel blames the script', async (t) => {
  const { code, stderr } = await runToEnd(t, [], [script(t, '#!/bin/sh\r\nexit 0\r\n')])
  assert.is(code, 127)
  assert.match(stderr, /the interpreter in its first line does not exist\. Does it have Windows line ends\?/)
})

test('a script without a first line is run by sh, as any shell would', async (t) => {
  const { code } = await runToEnd(t, [], [script(t, 'exit 9\n')])
  assert.is(code, 9)
})

function script(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-run-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'start.sh')
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}
