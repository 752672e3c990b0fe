import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { test } from './support/suite.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const tests = (line: string, code = 0) => `step tests sh -c 'echo "${line}"; exit ${code}'`

/** The exit code of these steps and their last line. */
function ci(...steps: string[]): [number | null, string | undefined] {
  const script = ['set -uo pipefail', '. .ci/steps.sh', ...steps].join('\n')
  const { status, stdout } = spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' })
  return [status, stdout.trimEnd().split('\n').at(-1)]
}

test('the last line is the sum of all runs', () => {
  const steps = [tests('3 passed, 0 failed, 1 skipped'), 'step other true', tests('4 passed, 0 failed, 0 skipped')]
  assert.equal(ci(...steps, 'finish'), [0, '7 passed, 0 failed, 1 skipped'])
})

test('a failed test makes it fail, and the steps after it still run', () => {
  const steps = [tests('3 passed, 2 failed, 0 skipped', 1), tests('4 passed, 0 failed, 0 skipped')]
  assert.equal(ci(...steps, 'finish'), [1, '7 passed, 2 failed, 0 skipped'])
})

test('a step that fails counts as one failure, with tests or without', () => {
  assert.equal(ci('step lint false', tests('4 passed, 0 failed, 0 skipped'), 'finish'), [
    1,
    '4 passed, 1 failed, 0 skipped',
  ])
  assert.equal(ci(tests('4 passed, 0 failed, 0 skipped', 1), 'finish'), [1, '4 passed, 1 failed, 0 skipped'])
})

test('what everything else needs ends it at once', () => {
  assert.equal(ci('must install false', tests('4 passed, 0 failed, 0 skipped'), 'finish'), [
    1,
    '0 passed, 1 failed, 0 skipped',
  ])
})

test('a run without a single test has failed', () => {
  assert.equal(ci('step lint true', 'finish'), [1, '0 passed, 0 failed, 0 skipped'])
})

test('a mistake in the script itself is a failure with a closing line', () => {
  assert.equal(ci(tests('4 passed, 0 failed, 0 skipped'), 'echo "$no_such_variable"', 'finish'), [
    1,
    '4 passed, 1 failed',
  ])
})
