import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { checkDebugNames } from '../docs/check/debug-names.ts'
import { checkErrorCodes } from '../docs/check/error-codes.ts'
import { anchorsOf, checkLinks } from '../docs/check/links.ts'
import { checkOptions } from '../docs/check/options.ts'
import { codeBlocks, parsePage } from '../docs/check/pages.ts'
import { isProgram } from '../docs/check/programs.ts'
import { checkDocComments, type PublicName } from '../docs/check/public-names.ts'
import { test } from './support/suite.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const page = (...lines: string[]) => parsePage('docs/page.md', lines.join('\n'))
const name = (rest: Partial<PublicName>): PublicName => ({
  ...{ name: 'A', where: 'a.ts:1', doc: 'd', tags: {}, isOption: false },
  ...rest,
})

test('a link to a file or a heading that is not there is found, and code is not searched', () => {
  const found = checkLinks(root, [
    page(
      '# One',
      '[a](../LICENSE) [b](#one) [c](../no.md) [d](#two) [e](https://example.org/x) `[f](no)`',
      '```',
      '[g](no)',
      '```',
    ),
  ])
  assert.equal(found, ['docs/page.md:2: ../no.md leads to no file', 'docs/page.md:2: #two leads to no heading'])
})

test('anchors are those that GitHub makes', () => {
  assert.equal(
    [...anchorsOf(page('# A `b` c: d!', '## A b', '## A b', '## x [y](z.md)'))],
    ['a-b-c-d', 'a-b', 'a-b-1', 'x-y'],
  )
})

test('a code without a heading and a heading without a code are found', () => {
  const errors = parsePage('docs/errors.md', '## `ERR_A`\n## ERR_B\n## Other')
  assert.equal(checkErrorCodes([errors], ['ERR_A', 'ERR_C']), [
    'docs/errors.md has no heading ERR_C',
    'docs/errors.md has ERR_B, which lib/errors.ts has not',
  ])
})

test('a debug namespace without a row and a row without a namespace are found', () => {
  const debugging = parsePage(
    'docs/debugging.md',
    '| namespace | what |\n|---|---|\n| `lastcall:a` | x |\n| `lastcall:b` | y |',
  )
  assert.equal(checkDebugNames(root, [debugging], ['a', 'c']), [
    'docs/debugging.md has no row lastcall:c',
    'docs/debugging.md has lastcall:b, under which nothing is logged',
  ])
})

test('a table of options is held against the code, both ways', () => {
  const table = page(
    '| Option | default |',
    '|---|---|',
    '| `a` | `1` |',
    '| `b` | 2 |',
    '| `c` | 3 |',
    '| `--x N` | 4 |',
  )
  const options = [
    name({ name: 'O.a', isOption: true, tags: { default: '1' } }),
    name({ name: 'O.b', isOption: true, tags: { default: '5' } }),
    name({ name: 'O.d', isOption: true }),
  ]
  assert.equal(checkOptions([table], options, '  --y N  why'), [
    'docs/page.md:4: the default of b is "2" here and "5" in the code',
    'docs/page.md:5: no public interface has an option c',
    'docs/page.md:6: the help knows no --x',
    'a.ts:1: O.d is in no table of options in docs/',
    'lib/cli/help.ts: --y is in no table of options in docs/',
  ])
})

test('a public name without a comment and an option without a default are found', () => {
  assert.equal(checkDocComments([name({ doc: '' }), name({ isOption: true }), name({ name: 'XReport.y', doc: '' })]), [
    'a.ts:1: A is public and has no doc comment',
    'a.ts:1: A is an option and has no @default',
  ])
})

test('a block that begins with an import is a whole program, comments before it or not', () => {
  const blocks = codeBlocks(
    page('```ts', '// first', "import 'a'", '```', '```ts', 'a()', '```', '```sh', 'import x', '```'),
  )
  assert.equal(blocks.map(isProgram), [true, false, false])
  assert.equal(
    blocks.map(({ line }) => line),
    [2, 6, 9],
  )
})
