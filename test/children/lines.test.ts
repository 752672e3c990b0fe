import * as assert from 'uvu/assert'
import { LineSplitter, LONGEST_LINE } from '../../lib/children/life/lines.ts'
import { test } from '../support/suite.ts'

/** Hands `text` on in pieces of `size` bytes. */
function split(text: string, size: number): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
  splitter.end()
  return lines
}

test('lines come whole, whatever the pieces, also where one ends in the middle of a character', () => {
  for (let size = 1; size < 12; size++) assert.equal(split('één\n\n😀😀\r\nlast', size), ['één', '', '😀😀', 'last'])
})

test('a line of a megabyte comes in bounded pieces, and nothing of it is lost', () => {
  const long = `${'😀x'.repeat(200_000)}\nend\n`
  const lines = split(long, 10_001)
  assert.ok(lines.every((line) => line.length <= LONGEST_LINE))
  assert.is(lines.at(-1), 'end')
  assert.is(lines.slice(0, -1).join(''), long.slice(0, long.indexOf('\n')))
  assert.not.ok(
    lines.some((line) => /^[\udc00-\udfff]|[\ud800-\udbff]$/.test(line)),
    'a character was cut',
  )
})
