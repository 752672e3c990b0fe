import * as assert from 'uvu/assert'
import type { RunConfig } from '../../lib/run/several/config/run-config.ts'
import { type CommandEnd, exitCodeOf } from '../../lib/run/several/exit-code.ts'
import { test } from '../support/suite.ts'
import { service, startConfig } from './several-cli.ts'

const end = (name: string, how: Partial<CommandEnd> = {}): CommandEnd => ({
  ...{ name, pid: 1, code: 0, signal: null, failed: false, told: undefined },
  ...how,
})

const table: readonly [title: string, ends: readonly CommandEnd[], significant: string | undefined, code: number][] = [
  ['all ended with 0', [end('a'), end('b')], undefined, 0],
  ['nobody ever ran', [], undefined, 0],
  [
    'the first that failed, in the order of the ends',
    [end('a'), end('b', { code: 4 }), end('c', { code: 5 })],
    undefined,
    4,
  ],
  ['the significant one, before one that failed earlier', [end('a', { code: 4 }), end('b', { code: 7 })], 'b', 7],
  ['the significant one ended with 0', [end('b'), end('a', { code: 4 })], 'b', 0],
  ['a significant one that was killed by a signal', [end('b', { code: null, signal: 'SIGSEGV' })], 'b', 139],
  ['a signal that we did not send', [end('a', { code: null, signal: 'SIGTERM' })], undefined, 143],
  ['died of the stop signal', [end('a', { code: null, signal: 'SIGTERM', told: 'SIGTERM' })], undefined, 0],
  ['a shell says so of its program', [end('a', { code: 143, told: 'SIGTERM' })], undefined, 0],
  [
    'died of another signal than its stop signal',
    [end('a', { code: null, signal: 'SIGTERM', told: 'SIGINT' })],
    undefined,
    143,
  ],
  ['had to be killed', [end('a', { code: null, signal: 'SIGKILL', told: 'SIGTERM' })], undefined, 137],
  ['told, and ended with a code of its own', [end('a', { code: 3, told: 'SIGTERM' })], undefined, 3],
  ['never ready, and ended with 0 when it was told', [end('a', { failed: true, told: 'SIGTERM' })], undefined, 1],
  ['out of restarts', [end('a', { code: 9, failed: true })], undefined, 9],
]

for (const [title, ends, significant, code] of table) {
  test(`the exit code is ${code}: ${title}`, () => assert.is(exitCodeOf(ends, significant), code))
}

const runs: readonly [title: string, config: RunConfig, code: number][] = [
  ['every command ended by itself', { commands: { a: 'exit 0', b: 'sleep 0.2' } }, 0],
  [
    'the significant one ended, and the rest was stopped',
    { commands: { job: { command: 'sleep 0.3; exit 7', significant: true, restart: 'never' }, side: service(50) } },
    7,
  ],
  [
    'a job is done, though its sidecar dies without a handler',
    { commands: { job: { command: 'sleep 0.3', significant: true }, side: 'sleep 3000' } },
    0,
  ],
  [
    'one was never ready, whatever it did when it was told',
    {
      commands: {
        slow: { command: 'exec sleep 3000', ready: { line: 'never' }, readyTimeoutMs: 300, restart: 'never' },
      },
    },
    1,
  ],
  [
    'one failed for good, and the others ended later',
    { commands: { a: { command: 'exit 6', restart: 'never' }, b: 'sleep 0.3' } },
    6,
  ],
]

for (const [title, config, code] of runs) {
  test(`lastcall run with several ends with ${code}: ${title}`, async (t) => {
    const ended = await (await startConfig(t, config)).exited
    assert.is(ended.code, code, ended.stderr)
  })
}
