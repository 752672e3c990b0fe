import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { type TestContext, test } from '../../support/suite.ts'

// Next.js weighs as much as all other packages of this project together: it is installed here and nowhere else.
const packages = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1']
const root = fileURLToPath(new URL('../../../', import.meta.url))
const limit = { limitMs: 300_000, skip: can.registry() }

const files: Record<string, string> = {
  'package.json': '{ "private": true, "type": "module" }',
  'next.config.js': "export default { serverExternalPackages: ['lastcall'] }",
  'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>',
  'app/page.js': "export default () => 'hello'",
  // Node's own loader, so that the build does not look into it.
  'instrumentation.js': `export async function register() {
    if (process.env.NEXT_RUNTIME === 'nodejs' && process.env.WITH_HOOKS) (await import('./hooks.js')).register()
  }`,
  'hooks.js': `import { createShutdown } from 'lastcall'
  export function register() {
    const shutdown = createShutdown({ reportFile: process.env.LASTCALL_TEST_REPORT })
    shutdown.hook('pool', () => new Promise((done) => setTimeout(done, 300)))
    console.log('hooks are there')
  }`,
  'server.js': `import { createServer } from 'node:http'
  import next from 'next'
  import { createShutdown } from 'lastcall'
  const shutdown = createShutdown({ reportFile: process.env.LASTCALL_TEST_REPORT })
  const app = next({ dev: false, customServer: true })
  await app.prepare()
  const server = createServer(app.getRequestHandler())
  shutdown.hook('server', () => new Promise((closed) => server.close(closed)), { phase: 'drain' })
  shutdown.resource('next', app)
  server.listen(0, () => console.log('ready on http://localhost:' + server.address().port))`,
}

test(
  'Next.js: a custom server stops well; next start exits in the middle, and NEXT_MANUAL_SIG_HANDLE is the cure',
  async (t) => {
    const folder = build(t)
    const env = { NEXT_TELEMETRY_DISABLED: '1' }

    const custom = await startProgram(t, [process.execPath, 'server.js'], { cwd: folder, env })
    assert.match(await (await fetch((await custom.says(/http:\S+/)) as string)).text(), 'hello')
    custom.kill('SIGTERM')
    const own = await custom.exited
    assert.equal([own.code, own.report.outcome, own.report.foreignListeners], [0, 'clean', []])

    const start = [process.execPath, 'node_modules/next/dist/bin/next', 'start', '--port', '0']
    const settings = { cwd: folder, env: { ...env, WITH_HOOKS: '1' }, ready: 'hooks are there' }
    const alone = await startProgram(t, start, settings)
    alone.kill('SIGTERM')
    const cut = await alone.exited
    assert.equal([cut.code, cut.report.ended, cut.report.exitedBy?.code], [1, 'process.exit', 143])
    assert.match(cut.report.exitedBy?.at ?? '', /node_modules\/next\/dist\/server\/lib\/start-server\.js:\d+:\d+$/)

    const manual = { ...settings, env: { ...settings.env, NEXT_MANUAL_SIG_HANDLE: 'true' } }
    const handled = await startProgram(t, start, manual)
    handled.kill('SIGTERM')
    const { code, report } = await handled.exited
    assert.equal([code, report.outcome, report.foreignListeners], [0, 'clean', []])
  },
  limit,
)

function build(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-next-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'app'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const run = (...command: [string, ...string[]]): void => {
    const [program, ...args] = command
    execFileSync(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', ...packages)
  // A copy: the build does not follow a link that leads out of its folder.
  const lastcall = join(folder, 'node_modules/lastcall')
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(lastcall, name), { recursive: true })
  run(process.execPath, 'node_modules/next/dist/bin/next', 'build')
  return folder
}
