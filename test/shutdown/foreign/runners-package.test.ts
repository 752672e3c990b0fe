import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { type TestContext, test } from '../../support/suite.ts'

// Test runners that give each file a context of its own. They are installed here and nowhere else.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const limit = { limitMs: 180_000, skip: can.registry() }

async function project(
  t: TestContext,
  packages: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-runner-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const install = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', ...packages]
  const { code } = await (await startProgram(t, install, { cwd: folder, ready: false })).exited
  assert.is(code, 0)
  const lastcall = join(folder, 'node_modules/lastcall')
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(lastcall, name), { recursive: true })
  cpSync(join(root, 'node_modules/debug'), join(folder, 'node_modules/debug'), { recursive: true })
  return folder
}

/** All that it said. */
async function run(t: TestContext, folder: string, command: readonly string[]): Promise<string> {
  const app = await startProgram(t, command, { cwd: folder, ready: false, env: { NO_COLOR: '1' } })
  const { code, stdout, stderr } = await app.exited
  assert.is(code, 0, `${stdout}${stderr}`)
  return stdout
}

test(
  'in Jest 29 the copy outside the contexts and the one in a test file are one shutdown, with the hooks of both',
  async (t) => {
    const folder = await project(t, ['jest@29.7.0'], {
      'jest.config.js': "module.exports = { globalSetup: './setup.js', testMatch: ['**/*.jest.js'] }",
      'setup.js': `const { createShutdown } = require('lastcall')
      module.exports = () => createShutdown({ exit: false, logger: () => {} }).hook('outside', () => {})`,
      'one.jest.js': `const { createShutdown } = require('lastcall')
      test('one SIGTERM is one shutdown', async () => {
        const shutdown = createShutdown()
        shutdown.hook('inside', () => {})
        const begun = new Promise((resolve) => shutdown.stopping.addEventListener('abort', resolve))
        process.kill(process.pid, 'SIGTERM')
        await begun
        const { hooks, reason } = await shutdown.begin()
        expect(hooks.map(({ name, outcome }) => [name, outcome])).toEqual([['outside', 'done'], ['inside', 'done']])
        expect(reason).toEqual({ kind: 'signal', signal: 'SIGTERM' })
      })
      test('an error of the context is an error', async () => {
        const report = await createShutdown({ exit: false, logger: () => {} }).begin(new Error('from the test'))
        expect(report.errors[0].message).toBe('from the test')
      })
      test('with fake timers a hook has its limit', async () => {
        jest.useFakeTimers()
        const shutdown = createShutdown({ exit: false, logger: () => {} })
        shutdown.hook('hangs', () => new Promise(() => {}), { timeoutMs: 100 })
        const { hooks } = await shutdown.begin()
        expect(hooks.map(({ name, outcome }) => [name, outcome])).toEqual([['hangs', 'timed out']])
      })`,
    })
    await run(t, folder, [process.execPath, 'node_modules/jest/bin/jest.js', '--runInBand'])
  },
  limit,
)

const vitestFiles = {
  'one.test.mjs': `import { createRequire } from 'node:module'
  import { createShutdown } from 'lastcall'
  import { expect, test, vi } from 'vitest'
  test('one SIGTERM is one shutdown', async () => {
    const ran = []
    const shutdown = createShutdown({ exit: false, logger: () => {} })
    shutdown.hook('esm', () => void ran.push('esm'))
    createRequire(import.meta.url)('lastcall').createShutdown().hook('cjs', () => void ran.push('cjs'))
    const begun = new Promise((resolve) => shutdown.stopping.addEventListener('abort', resolve))
    process.kill(process.pid, 'SIGTERM')
    await begun
    const { reason } = await shutdown.begin()
    expect(ran.sort()).toEqual(['cjs', 'esm'])
    expect(reason.signal).toBe('SIGTERM')
  })
  test('with fake timers a hook has its limit', async () => {
    vi.useFakeTimers()
    const shutdown = createShutdown({ exit: false, logger: () => {} })
    shutdown.hook('hangs', () => new Promise(() => {}), { timeoutMs: 100 })
    const { hooks } = await shutdown.begin()
    expect(hooks.map(({ name, outcome }) => [name, outcome])).toEqual([['hangs', 'timed out']])
  })
  test('on this line of Node', () => console.log('node', process.versions.node))`,
}

/** Node's line 22 by npm, as .ci/install.sh gets it. */
const NODE_22 = `node-linux-${process.arch}`

for (const [title, packages, line] of [
  ['Vitest 3', ['vitest@3.2.7'], process.versions.node],
  ['the newest Vitest, on the Node 22 that it needs', ['vitest@5.1.1', `${NODE_22}@22.23.3`], '22.23.3'],
] as const) {
  test(
    `in ${title}, with and without contexts, the ES module and the CommonJS copy are one shutdown`,
    async (t) => {
      const folder = await project(t, packages, vitestFiles)
      const node = packages.length > 1 ? join(folder, 'node_modules', NODE_22, 'bin/node') : process.execPath
      for (const pool of ['forks', 'vmForks']) {
        const said = await run(t, folder, [node, 'node_modules/vitest/vitest.mjs', 'run', '--pool', pool])
        assert.match(said, `node ${line}`)
        assert.match(said, /Tests +3 passed/)
      }
    },
    { ...limit, skip: can.registry() || (packages.length > 1 && can.linux()) },
  )
}
