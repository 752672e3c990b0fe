import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import { startProgram } from './support/app.ts'
import { can } from './support/can.ts'
import { alive, commandLine, tree } from './support/processes.ts'
import { type TestContext, test } from './support/suite.ts'
import { until } from './support/until.ts'

/** Minified, in a folder that holds nothing else, and run from another one. */
async function bundle(t: TestContext, format: 'esm' | 'cjs'): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-bundle-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const outfile = join(folder, format === 'esm' ? 'service.mjs' : 'service.cjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./apps/bundled.js', import.meta.url))],
    ...{ outfile, format, bundle: true, minify: true, platform: 'node', logLevel: 'error' },
    // What esbuild's own documentation gives to an ES module bundle with CommonJS inside.
    ...(format === 'esm' && {
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    }),
  })
  return outfile
}

for (const format of ['esm', 'cjs'] as const) {
  test(
    `a service bundled as ${format} and moved elsewhere shuts down, and its DEBUG is that of every package in it`,
    async (t) => {
      const app = await startProgram(t, [process.execPath, await bundle(t, format)], {
        ...{ cwd: '/', env: { LASTCALL_TEST_OPTIONS: '{}', DEBUG: 'lastcall:*,router*,express:*' } },
      })
      app.kill('SIGTERM')
      const { code, stdout, stderr, report } = await app.exited
      assert.match(stdout, 'hello')
      assert.equal([code, report.outcome, report.hook('server').outcome], [0, 'clean', 'done'])
      assert.match(stderr, /lastcall:shutdown began/)
      assert.match(stderr, /express:application/)
    },
    { skip: can.linux() },
  )

  test(
    `of a service bundled as ${format} nobody is left when it is killed: its guard is in the bundle`,
    async (t) => {
      const app = await startProgram(t, [process.execPath, await bundle(t, format)], {
        ...{ cwd: '/', env: { LASTCALL_TEST_OPTIONS: '{}' } },
      })
      const guarded = await until(
        'the guard and the child are there',
        () => tree(app.pid).filter(({ pid }) => /^(lastcall guard|sleep 60)/.test(commandLine(pid))),
        (found) => found.length === 2,
      )
      app.kill('SIGKILL')
      await app.exited
      await until(
        'nobody is left',
        () => guarded.filter(alive),
        (left) => left.length === 0,
      )
    },
    { skip: can.linux() },
  )
}
