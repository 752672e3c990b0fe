import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { processes } from './processes.ts'
import { test } from './suite.ts'

const traps = fileURLToPath(new URL('traps/', import.meta.url))
const limit = { limitMs: 180_000 }

/** The traps that the runner must call out, each with what it says: those that style guides know of uvu, and our own. */
const expected: Record<string, RegExp> = {
  'throws-null': /1 of 2 failed.*thrown, but no Error: null/s,
  'throws-nameless': /1 of 2 failed.*nameless/s,
  'cleanup-throws':
    /2 of 2 failed.*the other cleanup ran.*from the cleanup.*from the body.*and in cleanup: Error: from the second cleanup/s,
  'cleanup-hangs': /1 of 1 failed.*a cleanup was still running after 5000 ms/s,
  'registers-none': /ended before its tests did, or had none/,
  'never-settles': /1 of 1 failed.*"waits for what never comes" was still running after 200 ms/s,
  'never-settles-busy': /1 of 1 failed.*"waits for ever with the event loop alive" was still running after 200 ms/s,
  'exits-zero': /exited with 1; ended before its tests did/,
  'awaits-at-top-level': /1 of 2 failed.*FAIL {2}"is there after the await"/s,
  'throws-at-top-level': /exited with 1; ended before its tests did.*the file itself is broken/s,
  'nests-a-test': /1 of 1 failed.*test\("never runs"\) came when the file's tests were already running/s,
  'signals-itself': /ended by SIGTERM; ended before its tests did/,
  'leaves-child': /left behind \d+ sleep 97/,
  'leaves-daemon': /left behind \d+ sleep 98/,
}
const passing = ['passes', 'sets-environment', 'sets-no-environment']

test(
  'every trap of uvu fails the file that steps into it, and no other file',
  async () => {
    const chosen = [...Object.keys(expected), ...passing].map((name) => `${name}.test`)
    const { code, output } = await run(...chosen)
    assert.is(code, 1)
    for (const [name, pattern] of Object.entries(expected))
      assert.match(partAbout(output, name), pattern, partAbout(output, name) || output)
    for (const name of passing) assert.match(partAbout(output, name), /^ok /)
    assert.match(output, /\n8 passed, 15 failed, 0 skipped\n$/)
  },
  limit,
)

test('what a file left behind is ended', () => {
  const sleepers = processes().filter((p) => p.comm === 'sleep' && p.ppid === process.pid)
  assert.equal(sleepers, [])
})

test(
  'a file that does not end by itself is ended at the limit',
  async () => {
    const { code, output } = await run('leaves-server-open', '--limit', '8')
    assert.is(code, 1)
    assert.match(output, /^FAIL .*leaves-server-open.test.ts {2}still ran after 8 s/m)
  },
  limit,
)

test(
  'a test that this machine cannot run is named, with the reason',
  async () => {
    const { code, output } = await run('skips.test')
    assert.is(code, 0)
    assert.match(output, /^skipped: needs a machine of gold \(needs gold\)$/m)
    assert.match(output, /\n1 passed, 0 failed, 1 skipped\n$/)
  },
  limit,
)

test(
  'a test that this machine must be able to run is not skipped but fails',
  async () => {
    const lenient = await run('requires.test')
    assert.is(lenient.code, 0)
    assert.match(lenient.output, /skipped: .*\(needs lastcall-no-such-program\)/)
    const strict = await run('requires.test', { LASTCALL_TEST_REQUIRES: 'all' })
    assert.is(strict.code, 1)
    assert.match(strict.output, /this machine must be able to run every test .*needs lastcall-no-such-program/)
    const reasoned = await run('skips.test', { LASTCALL_TEST_REQUIRES: 'all' })
    assert.is(reasoned.code, 1)
    assert.match(reasoned.output, /skipped, though LASTCALL_TEST_REQUIRES is all: needs a machine of gold/)
  },
  limit,
)

test(
  'no file at all is a failure',
  async () => {
    const { code, output } = await run('no-such-file')
    assert.is(code, 1)
    assert.match(output, /no test file in .* matches no-such-file/)
  },
  limit,
)

test('each trap is expected to do something', () => {
  const others = ['leaves-server-open', 'skips', 'requires']
  const known = [...Object.keys(expected), ...passing, ...others].map((name) => `${name}.test.ts`)
  assert.equal(readdirSync(traps).sort(), known.sort())
})

async function run(...given: (string | NodeJS.ProcessEnv)[]): Promise<{ code: number; output: string }> {
  const args = given.filter((arg) => typeof arg === 'string')
  const env = Object.assign({ LASTCALL_TEST_REQUIRES: '' }, ...given.filter((arg) => typeof arg === 'object'))
  // The one bare spawn: the runner ends what it starts, and the runner around this file would find the rest.
  const runner = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', '--in', traps, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  runner.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number>((resolve) => runner.once('close', resolve))
  return { code, output }
}

/** From the line about a file to the next such line. */
function partAbout(output: string, name: string): string {
  const parts = output.split(/^(?=ok |FAIL )/m)
  return parts.find((part) => part.split('\n')[0]?.includes(`/${name}.test.ts`)) ?? ''
}
