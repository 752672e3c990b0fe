import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { startCli } from '../support/app.ts'
import { type TestContext, test } from '../support/suite.ts'

/** Exit code and everything that was said. */
async function cli(t: TestContext, ...args: string[]) {
  const app = await startCli(t, args, { ready: false })
  const { code, stdout, stderr } = await app.exited
  return { code, stdout, stderr }
}

test('an unknown command names the nearest one, in one line, with the code of wrong usage', async (t) => {
  assert.equal(await cli(t, 'rnu', '--', 'true'), {
    code: 2,
    stdout: '',
    stderr: 'lastcall: there is no command rnu. Did you mean run? See: lastcall --help\n',
  })
})

test('a command that every object has by itself is unknown, too', async (t) => {
  const { code, stderr } = await cli(t, 'toString')
  assert.equal([code, stderr], [2, 'lastcall: there is no command toString. See: lastcall --help\n'])
})

test('an unknown option of run is wrong usage, and nothing is started', async (t) => {
  const { code, stdout, stderr } = await cli(t, 'run', '--graec', '5', '--', 'echo', 'started')
  assert.equal([code, stdout], [2, ''])
  assert.match(stderr, /^lastcall run: there is no option --graec\. Did you mean --grace\?/)
})

test('every help fits a screen of 80 by 24', async (t) => {
  for (const args of [[], ['--help'], ['run', '--help'], ['run', '-h']]) {
    const { code, stdout, stderr } = await cli(t, ...args)
    assert.equal([code, stderr], [0, ''])
    const lines = stdout.trimEnd().split('\n')
    assert.ok(lines.length <= 23, `${args.join(' ')}: ${lines.length} lines, and the prompt needs one`)
    for (const line of lines) assert.ok([...line].length <= 80, line)
  }
})

test('every option of run is in its help', async (t) => {
  const source = readFileSync(new URL('../../lib/cli/run/run-command.ts', import.meta.url), 'utf8')
  const options = [...source.matchAll(/'(--[a-z-]+)': '(?:flag|value|list)'/g)].map((match) => match[1] as string)
  assert.ok(options.length >= 8, options.join())
  const { stdout } = await cli(t, 'run', '--help')
  for (const option of options) if (option !== '--help') assert.ok(stdout.includes(`  ${option} `), option)
})

test('--version is the version of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  assert.equal(await cli(t, '--version'), { code: 0, stdout: `${version}\n`, stderr: '' })
})
