import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type TestContext, test } from '../support/suite.ts'
import { runToEnd, startRun } from './run-cli.ts'

/** A pipe that nobody reads, and that takes nothing more. */
function fullPipe(t: TestContext): number {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-run-'))
  t.after(() => rmSync(folder, { recursive: true }))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const fill = openSync(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK)
  const pipe = openSync(join(folder, 'pipe'), 'r+')
  t.after(() => {
    closeSync(fill)
    closeSync(pipe)
  })
  try {
    for (;;) writeSync(fill, 'x')
  } catch (error) {
    assert.is((error as NodeJS.ErrnoException).code, 'EAGAIN')
  }
  return pipe
}

test('nobody reads stderr: the deadline holds, and run ends with the right code', async (t) => {
  const stdio = ['ignore', 'pipe', fullPipe(t)] as const
  const app = await startRun(
    t,
    ['--grace', '1', '--json'],
    ['sh', '-c', 'trap "" TERM; echo ready; sleep 3000; true'],
    {
      stdio: [...stdio],
    },
  )
  app.kill('SIGTERM')
  assert.is((await app.exited).code, 137)
})

test('a reader of stderr that comes late gets the report whole', async (t) => {
  const pipe = fullPipe(t)
  const ended = runToEnd(t, ['--json'], ['sh', '-c', 'exit 3'], { stdio: ['ignore', 'pipe', pipe] })
  let read = ''
  const bytes = Buffer.alloc(1 << 16)
  while (!read.endsWith('}\n')) read += bytes.toString('utf8', 0, readSync(pipe, bytes))
  assert.is((await ended).code, 3)
  assert.is((JSON.parse(read.replace(/^x+/, '')) as { exitCode: number }).exitCode, 3)
})
