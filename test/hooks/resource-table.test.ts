import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { KNOWN } from '../../lib/hooks/resources/known.ts'
import type { Shape } from '../../lib/hooks/resources/shape.ts'
import { test } from '../support/suite.ts'

test('docs/resources.md lists what is known, in its order, with both calls and the phase', () => {
  const page = readFileSync(new URL('../../docs/resources.md', import.meta.url), 'utf8')
  const [, table = ''] = page.split('| thing | call | at the limit | phase |\n|---|---|---|---|\n')
  assert.equal(table.split('\n\n')[0]?.split('\n'), KNOWN.map(row))
})

function row({ what, how, forced = '', defaultPhase = 'close' }: Shape): string {
  const second = forced.endsWith(')') ? `\`${forced}\`` : forced
  return `| ${what} | \`${how}\` | ${second}${second && ' '}| \`${defaultPhase}\` |`
}
