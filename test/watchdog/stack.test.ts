import * as assert from 'uvu/assert'
import { readStack } from '../../lib/watchdog/stack.ts'
import { test } from '../support/suite.ts'

const asked = 'Error\n    at <anonymous>:4:21\n    at <anonymous>:10:3\n'

test('the innermost function of the app is named, and what asked is left out', () => {
  const { at, stack } = readStack(
    `${asked}    at RegExp.test (<anonymous>)\n    at node:internal/fs:1:2\n    at check (file:///srv/my%20app/check.js:11:22)\n    at main (/srv/main.js:1:1)`,
  )
  assert.equal(at, { function: 'check', file: '/srv/my app/check.js', line: 11, column: 22 })
  assert.equal(
    stack?.map((line) => line.split(' ')[0]),
    ['RegExp.test', 'node:internal/fs:1:2', 'check', 'main'],
  )
})

const frames: [string, string, string][] = [
  ['at /srv/a.js:1:2', 'anonymous', '/srv/a.js'],
  ['at Object.<anonymous> (/srv/a.js:1:2)', 'anonymous', '/srv/a.js'],
  ['at Object.spin [as run] (/srv/a.js:1:2)', 'spin', '/srv/a.js'],
  ['at async Pool.close (/srv/(x) y/a.js:1:2)', 'Pool.close', '/srv/(x) y/a.js'],
  ['at new Parser (https://example.com/a.js:1:2)', 'Parser', 'https://example.com/a.js'],
]
for (const [frame, name, file] of frames) {
  test(`a frame: ${frame}`, () => {
    assert.equal(readStack(`${asked}    ${frame}`).at, { function: name, file, line: 1, column: 2 })
  })
}

for (const text of ['', 'Error', asked, `${asked}    at Atomics.wait (<anonymous>)`, `${asked}    at node:fs:1:2`]) {
  test(`nobody of the app: ${JSON.stringify(text.slice(-40))}`, () => assert.is(readStack(text).at, undefined))
}
