import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ts from 'typescript'
import * as assert from 'uvu/assert'
import { checkConfig } from '../../lib/run/several/config/check-config.ts'
import { startCli } from '../support/app.ts'
import { test } from '../support/suite.ts'
import { folder } from './several-cli.ts'

const file = (path: string): URL => new URL(`../../${path}`, import.meta.url)
const schema = JSON.parse(readFileSync(file('lib/run/several/config/config.schema.json'), 'utf8'))

const hello = '{ commands: { a: "echo hello" } }'
const files: readonly [title: string, name: string, text: string][] = [
  ['JSON', 'lastcall.config.json', '{ "$schema": "./x.json", "commands": { "a": "echo hello" } }'],
  ['JSON with a byte order mark', 'lastcall.config.json', '\uFEFF{ "commands": { "a": "echo hello" } }'],
  ['an ES module', 'lastcall.config.mjs', `export default ${hello}`],
  ['CommonJS', 'lastcall.config.js', `module.exports = ${hello}`],
  ['a function', 'lastcall.config.mjs', `export default () => (${hello})`],
  ['an async function', 'lastcall.config.mjs', `export default async () => (${hello})`],
]

for (const [title, name, text] of files) {
  test(`lastcall run without a command finds the file of its folder: ${title}`, async (t) => {
    const app = await startCli(t, ['run'], { ready: false, cwd: folder(t, { [name]: text }) })
    const { code, stdout, stderr } = await app.exited
    assert.equal([code, stdout], [0, 'a | hello\n'], stderr)
  })
}

test('a TypeScript file runs where Node reads it, and elsewhere the error says which Node does', async (t) => {
  const text = `const commands: Record<string, string> = { a: 'echo hello' }\nexport default { commands }`
  const app = await startCli(t, ['run'], { ready: false, cwd: folder(t, { 'lastcall.config.ts': text }) })
  const { code, stdout, stderr } = await app.exited
  if ((process.features as { typescript?: unknown }).typescript)
    assert.equal([code, stdout], [0, 'a | hello\n'], stderr)
  else {
    assert.is(code, 2)
    assert.match(
      stderr,
      /^lastcall: lastcall\.config\.ts is TypeScript, which Node reads by itself from 22\.18 on, and this is 2\d\./,
    )
    assert.match(stderr, "Write lastcall.config.js, or bring a loader: NODE_OPTIONS='--import tsx'.")
  }
})

test('a TypeScript file runs on every Node with a loader', async (t) => {
  const cwd = folder(t, {
    'lastcall.config.ts': `enum Word { Hello = 'hello' }\nexport default { commands: { a: \`echo \${Word.Hello}\` } }`,
  })
  const loader = import.meta.resolve('tsx')
  const app = await startCli(t, ['run'], { ready: false, cwd, env: { NODE_OPTIONS: `--import ${loader}` } })
  const { stdout, stderr } = await app.exited
  assert.is(stdout, 'a | hello\n', stderr)
})

test('the command line goes before the file', () => {
  const source = { folder: '/', where: () => '', stopSignal: 'SIGTERM' as const, stepOver: [] }
  const config = { commands: { a: 'true' }, terminationGracePeriodSeconds: 20, preStop: 'true' }
  const over = checkConfig(config, { ...source, overrides: { terminationGracePeriodSeconds: 10 } })
  assert.equal([over.terminationGracePeriodSeconds, over.preStop], [10, 'true'])
})

test('the schema takes what the code takes, and names the same options as the types', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTuples: false })
  const takes = ajv.compile(schema)
  const good = [
    { commands: { a: 'node server.js', 'b-1.x': { command: ['node', 'x.js'] } } },
    { $schema: 'x', commands: { a: { command: 'x', ready: { port: 1, host: '::1' }, env: { A: null, B: '' } } } },
    { commands: { a: 'x' }, terminationGracePeriodSeconds: 1.5, preStop: 'x', reportFile: 'x' },
  ]
  const bad = [
    {},
    { commands: {} },
    { commands: { 'a b': 'x' } },
    { commands: { a: '' } },
    { commands: { a: { command: [] } } },
    { commands: { a: { command: 'x', restarts: 'never' } } },
    { commands: { a: { command: 'x', env: { A: 1 } } } },
    { commands: { a: { command: 'x', ready: { prot: 1 } } } },
    { commands: { a: 'x' }, grace: 1 },
  ]
  for (const one of good) assert.ok(takes(one), JSON.stringify([one, takes.errors]))
  for (const one of bad) assert.not.ok(takes(one), JSON.stringify(one))
  assert.equal(Object.keys(schema.properties).sort(), membersOf('RunConfig'))
  assert.equal(Object.keys(schema.$defs.command.properties).sort(), membersOf('CommandOptions'))
  assert.equal(schema.$defs.command.properties.restart.enum.length, 3)
})

test('the schema takes every configuration of docs and examples', () => {
  const takes = new Ajv2020({ allowUnionTypes: true, strictTuples: false }).compile(schema)
  const page = readFileSync(file('docs/run-several.md'), 'utf8')
  const blocks = [...page.matchAll(/```json\n(.+?)```/gs)].map(([, text = '']) => text)
  const configs = [...blocks, readFileSync(file('examples/12-several-commands/lastcall.config.json'), 'utf8')]
  assert.ok(configs.length > 1)
  for (const text of configs) assert.ok(takes(JSON.parse(text)), JSON.stringify([text, takes.errors]))
})

test('the code knows every option of the types, and no other', () => {
  const known = (path: string): string[] => {
    const text = readFileSync(file(path), 'utf8')
    const list = /const KNOWN = (\[[\s\S]*?\n?\])\n\n/.exec(text)?.[1] ?? ''
    return [...list.matchAll(/'([$\w]+)'/g)].map(([, name = '']) => name).sort()
  }
  assert.equal(known('lib/run/several/config/check-config.ts'), membersOf('RunConfig'))
  assert.equal(known('lib/run/several/config/check-command.ts'), membersOf('CommandOptions'))
})

function membersOf(type: string): string[] {
  const text = readFileSync(file('lib/run/several/config/run-config.ts'), 'utf8')
  const source = ts.createSourceFile('run-config.ts', text, ts.ScriptTarget.Latest)
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === type)
  return (found?.members ?? []).map((one) => (one.name as ts.Identifier).text).sort()
}
