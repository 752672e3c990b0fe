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

async function project(t: TestContext, runner: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-runner-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const install = ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', runner]
  const { code } = await (await startProgram(t, install, { cwd: folder, ready: false })).exited
  assert.is(code, 0)
  const lastcall = join(folder, 'node_modules/lastcall')
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(lastcall, name), { recursive: true })
  cpSync(join(root, 'node_modules/debug'), join(folder, 'node_modules/debug'), { recursive: true })
  return folder
}

async function run(t: TestContext, folder: string, ...command: string[]): Promise<void> {
  const app = await startProgram(t, [process.execPath, ...command], { cwd: folder, ready: false })
  const { code, stdout, stderr } = await app.exited
  assert.is(code, 0, `${stdout}${stderr}`)
}

test(
  'in Jest 29 the copy outside the contexts and the one in a test file are one shutdown, with the hooks of both',
  async (t) => {
    const folder = await project(t, 'jest@29.7.0', {
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
      })`,
    })
    await run(t, folder, 'node_modules/jest/bin/jest.js', '--runInBand')
  },
  limit,
)

test(
  'in Vitest, with and without contexts, the ES module and the CommonJS copy are one shutdown',
  async (t) => {
    const folder = await project(t, 'vitest@3.2.7', {
      'one.test.mjs': `import { createRequire } from 'node:module'
      import { createShutdown } from 'lastcall'
      import { expect, test } from 'vitest'
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
      })`,
    })
    for (const pool of ['forks', 'vmForks'])
      await run(t, folder, 'node_modules/vitest/vitest.mjs', 'run', '--pool', pool)
  },
  limit,
)
