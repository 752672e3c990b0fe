import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { test } from '../../support/suite.ts'

// One process, two builds: this one, and one of the last commit before `adopt`; where no history is there, as in a
// tarball or a shallow clone, the second one is this source with another version.
const root = fileURLToPath(new URL('../../../', import.meta.url))
const commit = lastBeforeAdopt()
const current = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version as string
const folder = mkdtempSync(join(tmpdir(), 'lastcall-versions-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const modules = join(folder, 'node_modules')
const limit = { limitMs: 60_000 }

writeFileSync(
  join(folder, 'service.mjs'),
  `import { subscribe } from 'node:diagnostics_channel'
  subscribe('lastcall:report', ({ ended }) => ended === 'in progress' || console.log('a report'))
  const shutdowns = []
  for (const name of process.argv.slice(2)) {
    const { createShutdown } = await import(name)
    const shutdown = createShutdown(shutdowns.length === 0 ? { reportFile: process.env.LASTCALL_TEST_REPORT } : {})
    shutdown.hook(name, () => console.log('hook of', name))
    shutdowns.push(shutdown)
    if (name === 'lastcall') {
      try {
        shutdown.adopt('nothing', {})
      } catch (error) {
        console.log(error.code, error.message)
      }
    }
  }
  console.log('same', shutdowns[0] === shutdowns[1], 'listeners', process.listenerCount('SIGTERM'))
  console.log('methods', Object.keys(shutdowns[0]).includes('adopt'))
  setInterval(() => {}, 1000)
  console.log('ready')`,
)
install('lastcall', root)
install('lastcall-older', builtOlder())

for (const order of [
  ['lastcall-older', 'lastcall'],
  ['lastcall', 'lastcall-older'],
] as const) {
  test(
    `two versions in one process, ${order.join(' before ')}: one SIGTERM, one shutdown, one report, hooks of both`,
    async (t) => {
      const app = await startProgram(t, [process.execPath, 'service.mjs', ...order], { cwd: folder })
      app.kill('SIGTERM')
      const { code, stdout, stderr, report } = await app.exited
      assert.match(stdout, 'same true listeners 1')
      assert.equal(stdout.match(/hook of \S+/g), [`hook of ${order[0]}`, `hook of ${order[1]}`])
      assert.is(stdout.match(/a report/g)?.length, 1)
      assert.is(stderr.match(/^lastcall: clean/gm)?.length, 1, stderr)
      assert.equal(
        [code, report.outcome, report.reason.signal, report.hooks.map(({ name, outcome }) => [name, outcome])],
        [0, 'clean', 'SIGTERM', order.map((name) => [name, 'done'])],
      )
    },
    limit,
  )
}

test(
  'a method that the older version lacks, which was first, throws and names both; the older one shows no new method',
  async (t) => {
    const app = await startProgram(t, [process.execPath, 'service.mjs', 'lastcall-older', 'lastcall'], { cwd: folder })
    app.kill('SIGTERM')
    const { stdout } = await app.exited
    // That build is from before a version was kept, too.
    assert.match(stdout, `ERR_LASTCALL_VERSION lastcall: shutdown.adopt is of lastcall ${current}, but the shutdown`)
    assert.match(stdout, /was created at \S*service\.mjs:\d+:\d+ by an older lastcall, which has no adopt/)
    assert.match(stdout, 'methods false')
  },
  { ...limit, skip: can.history(commit) },
)

test(
  'the newer version, which was first, gives the older one what it knows, and keeps its own methods',
  async (t) => {
    const app = await startProgram(t, [process.execPath, 'service.mjs', 'lastcall', 'lastcall-older'], { cwd: folder })
    app.kill('SIGTERM')
    const { stdout } = await app.exited
    assert.match(stdout, /ERR_LASTCALL_OPTION .*nothing/)
    assert.match(stdout, 'methods true')
  },
  limit,
)

function install(name: string, from: string): void {
  const to = join(modules, name)
  for (const part of ['package.json', 'dist']) cpSync(join(from, part), join(to, part), { recursive: true })
  for (const needed of ['debug', 'ms', 'pidtree', 'tree-kill'])
    cpSync(join(root, 'node_modules', needed), join(modules, needed), { recursive: true })
}

/** The folder of an older build. Named by what it lacks, since the names of commits change when a history is rewritten. */
function builtOlder(): string {
  const source = join(folder, 'older')
  mkdirSync(source)
  if (commit) {
    const tar = join(folder, 'older.tar')
    execFileSync('git', ['-C', root, 'archive', '-o', tar, commit])
    execFileSync('tar', ['-xf', tar, '-C', source])
  } else {
    for (const part of ['lib', 'inline-sources.ts', 'package.json', 'tsconfig.json', 'tsdown.config.ts'])
      cpSync(join(root, part), join(source, part), { recursive: true })
  }
  const manifest = join(source, 'package.json')
  const about = JSON.parse(readFileSync(manifest, 'utf8'))
  writeFileSync(manifest, JSON.stringify({ ...about, version: '0.0.1' }))
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'))
  execFileSync(process.execPath, ['node_modules/tsdown/dist/run.mjs'], { cwd: source, stdio: 'pipe' })
  return source
}

function lastBeforeAdopt(): string | undefined {
  const git = (...args: string[]): string => spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' }).stdout ?? ''
  const added = git('log', '--diff-filter=A', '--format=%H', '--', 'lib/children/adopt/adopted.ts')
    .trim()
    .split('\n')
    .at(-1)
  return git('rev-parse', '--verify', '--quiet', `${added}^`).trim() || undefined
}
