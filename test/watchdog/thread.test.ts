import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import { startApp, startProgram } from '../support/app.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'

const block = { args: ['block'], options: { terminationGracePeriodSeconds: 2 } }
const skip = can.linux()
const permission = Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission'
const allowed = [permission, '--allow-fs-read=*', '--allow-fs-write=*']

test('nothing runs before the shutdown; with exit: false the thread has gone when begin resolves', async (t) => {
  const app = await startApp(t, 'counts-threads', { options: { exit: false } })
  app.kill('SIGTERM')
  const { code, stdout, report } = await app.exited
  assert.match(stdout, /^before: 0\nready\nin the hook: 1\nafter: 0\n$/)
  assert.equal([code, report.ended, report.watchdog], [0, 'done', { state: 'on' }])
})

test('watchdog: false starts no thread, and the report says so', async (t) => {
  const app = await startApp(t, 'counts-threads', { options: { watchdog: false } })
  app.kill('SIGTERM')
  const { stdout, report } = await app.exited
  assert.match(stdout, 'in the hook: 0')
  assert.equal([report.ended, report.watchdog], ['done', { state: 'off' }])
})

test('with a heartbeat it runs from the start, and dispose ends it', async (t) => {
  const app = await startApp(t, 'counts-threads', { options: { watchdog: { heartbeatMs: 5_000 }, exit: false } })
  assert.match(app.stdout, 'before: 1')
  app.kill('SIGTERM')
  assert.match((await app.exited).stdout, 'in the hook: 1\nafter: 0\n')
})

test(
  'a deadline that comes earlier while it watches is the one that it holds',
  async (t) => {
    const program = fileURLToPath(new URL('has-less-time.ts', import.meta.url))
    const app = await startProgram(t, [process.execPath, '--import', 'tsx', program])
    const { code, stderr } = await app.exited
    assert.is(code, 1, stderr)
    assert.match(stderr, 'in blockHere (')
  },
  { skip },
)

test(
  'where the permission model forbids threads it is said once, the report names it, and the shutdown goes on',
  async (t) => {
    const app = await startApp(t, 'counts-threads', { execArgv: allowed })
    app.kill('SIGTERM')
    const { code, stderr, report } = await app.exited
    assert.equal([code, report.outcome, report.watchdog.state], [0, 'clean', 'impossible'], stderr)
    assert.match(report.watchdog.why ?? '', 'restricted')
    assert.is(stderr.match(/lastcall: the watchdog cannot watch \(/g)?.length, 1, stderr)
    assert.match(stderr, '--allow-worker')
  },
  { skip },
)

test(
  'where it allows threads but no look into main, the process is killed',
  async (t) => {
    const app = await startApp(t, 'counts-threads', { ...block, execArgv: [...allowed, '--allow-worker'] })
    app.kill('SIGTERM')
    const { signal, report } = await app.exited
    assert.equal([signal, report.exitCode, report.ended, report.blocked?.at], ['SIGKILL', 137, 'blocked', undefined])
  },
  { skip },
)

test(
  'a stderr that nobody reads holds nobody',
  async (t) => {
    const app = await startApp(t, 'fills-stderr', { options: { terminationGracePeriodSeconds: 2 } })
    app.process.stderr?.pause()
    const ended = new Promise((resolve) => app.process.once('exit', resolve))
    app.kill('SIGTERM')
    await ended
    app.process.stderr?.resume()
    const { report } = await app.exited
    assert.equal([report.ended, report.hook('fills').outcome], ['blocked', 'running'])
  },
  { skip },
)

test(
  'it needs no code from strings',
  async (t) => {
    const app = await startApp(t, 'counts-threads', { ...block, execArgv: ['--disallow-code-generation-from-strings'] })
    app.kill('SIGTERM')
    const { report } = await app.exited
    assert.equal([report.ended, report.watchdog.state], ['blocked', 'on'])
  },
  { skip },
)

test(
  'no preload of NODE_OPTIONS runs in it',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lastcall-preload-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const loaded = "console.log('preload:', require('node:worker_threads').isMainThread)"
    writeFileSync(join(folder, 'preload.cjs'), loaded)
    const env = { NODE_OPTIONS: `--require ${join(folder, 'preload.cjs')} --import ${join(folder, 'preload.cjs')}` }
    const app = await startApp(t, 'counts-threads', { ...block, env })
    app.kill('SIGTERM')
    const { stdout, report } = await app.exited
    assert.is(report.ended, 'blocked')
    assert.match(stdout, 'preload: true')
    assert.not.match(stdout, 'preload: false')
  },
  { skip },
)

for (const format of ['esm', 'cjs'] as const) {
  test(
    `a service bundled as ${format}, minified and moved elsewhere, has it`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-bundle-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const outfile = join(folder, format === 'esm' ? 'service.mjs' : 'service.cjs')
      const entry = fileURLToPath(new URL('../apps/counts-threads.js', import.meta.url))
      const common = { platform: 'node', bundle: true, minify: true, logLevel: 'silent' } as const
      await build({ ...common, entryPoints: [entry], outfile, format, external: ['debug'] })
      const env = { LASTCALL_TEST_OPTIONS: JSON.stringify(block.options) }
      const app = await startProgram(t, [process.execPath, outfile, 'block'], { env, cwd: folder })
      app.kill('SIGTERM')
      const { report } = await app.exited
      assert.equal([report.ended, report.hook('counts').outcome], ['blocked', 'running'])
    },
    { skip },
  )
}
