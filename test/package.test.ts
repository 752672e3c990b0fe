import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import { can } from './support/can.ts'
import { test } from './support/suite.ts'

// What is tested here is the tarball as a user installs it, not the work tree.
const root = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lastcall-package-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const limit = { limitMs: 120_000 }

const OLDEST_TYPESCRIPT = 'typescript@5.0.4'
const PACKED_KB = 530
const INSTALLED_KB = 1_970

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
// Without scripts: a build in the middle of other tests would change what they run.
const [packed] = JSON.parse(run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)) as [
  Packed,
]
const tarball = join(folder, packed.filename)
const consumer = project('consumer', '{ "private": true, "type": "module" }')

test('the tarball holds what is used and nothing else, within its size', () => {
  const foreign = packed.files.filter(
    ({ path }) =>
      !/^(dist\/[\w./-]+\.(js|cjs|d\.ts|d\.cts|json)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
  )
  assert.equal(foreign, [])
  for (const path of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/report.schema.json',
    'dist/config.schema.json',
    'dist/cli.js',
  ]) {
    assert.ok(
      packed.files.some((file) => file.path === path),
      `${path} is missing`,
    )
  }
  assert.ok(packed.size < PACKED_KB * 1000, `packed ${packed.size} bytes, the budget is ${PACKED_KB} kB`)
})

test(
  'it installs with three dependencies, runs no script of ours, and keeps its size',
  () => {
    install(consumer, tarball, '--omit=dev')
    const names = readdirSync(join(consumer, 'node_modules')).filter((name) => !name.startsWith('.'))
    assert.equal(names.sort(), ['debug', 'lastcall', 'ms', 'pidtree', 'tree-kill'])
    const bytes = sizeOf(join(consumer, 'node_modules'))
    assert.ok(bytes < INSTALLED_KB * 1000, `installed ${bytes} bytes, the budget is ${INSTALLED_KB} kB`)
  },
  limit,
)

test('both builds load side by side and are one shutdown', () => {
  const out = node(
    'both.js',
    `import { createRequire } from 'node:module'
    import * as esm from 'lastcall'
    const cjs = createRequire(import.meta.url)('lastcall')
    const shutdown = esm.createShutdown()
    console.log(Object.keys(esm).sort().join() === Object.keys(cjs).sort().join())
    console.log(cjs.createShutdown() === shutdown, process.listenerCount('SIGTERM'))
    shutdown.dispose()
    console.log(process.listenerCount('SIGTERM'))`,
  )
  assert.is(out, 'true\ntrue 1\n0\n')
})

test('every entry of the map can be imported, and required', () => {
  const out = node(
    'entries.cjs',
    `const names = ['lastcall', 'lastcall/process-tree', 'lastcall/prestop']
    const required = names.map((name) => Object.keys(require(name)).sort().join())
    require('lastcall/package.json').version.length
    require('lastcall/report.schema.json').title.length
    require('lastcall/config.schema.json').title.length
    Promise.all(names.map((name) => import(name))).then((all) => {
      console.log(all.map((one) => Object.keys(one).filter((key) => key !== 'default').sort().join()).join(' ') === required.join(' '))
    })`,
  )
  assert.is(out, 'true\n')
})

test('the command is there, and runs a program', () => {
  const bin = join(consumer, 'node_modules/.bin/lastcall')
  assert.match(run(consumer, bin, '--version'), /^(lastcall )?0\.\d+\.\d+\n$/)
  assert.is(run(consumer, bin, 'run', '--', 'sh', '-c', 'echo hello'), 'hello\n')
})

test(
  'types resolve and hold under every resolution',
  () => {
    typeCheck('nodenext', 'nodenext', 'use.ts')
    typeCheck('nodenext', 'nodenext', 'use.cts')
    typeCheck('esnext', 'bundler', 'use.ts')
    typeCheck('commonjs', 'node10', 'use.ts', '--ignoreDeprecations', '6.0')
  },
  limit,
)

test(
  'the oldest supported TypeScript compiles them, library check included',
  () => {
    const old = project('oldest', '{ "private": true, "type": "module" }')
    install(old, tarball, OLDEST_TYPESCRIPT, '@types/node@20.19.43')
    writeFileSync(join(old, 'use.ts'), PROGRAM)
    const tsc = join(old, 'node_modules/typescript/bin/tsc')
    run(old, process.execPath, tsc, ...flags('nodenext', 'nodenext'), '--skipLibCheck', 'false', 'use.ts')
    run(old, process.execPath, tsc, ...flags('commonjs', 'node10'), '--skipLibCheck', 'false', 'use.ts')
  },
  { ...limit, skip: can.registry() },
)

test(
  'publint and "are the types wrong" have nothing to say',
  () => {
    run(root, join(root, 'node_modules/.bin/publint'), tarball, '--strict')
    run(
      root,
      join(root, 'node_modules/.bin/attw'),
      tarball,
      '--exclude-entrypoints',
      './report.schema.json',
      './config.schema.json',
    )
  },
  limit,
)

for (const format of ['esm', 'cjs'] as const) {
  test(
    `a service bundled by esbuild as ${format} shuts down and logs as it does unbundled`,
    async () => {
      const outfile = join(consumer, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`)
      const contents = `import { createShutdown } from 'lastcall'
      const shutdown = createShutdown()
      shutdown.hook('say goodbye', () => console.log('goodbye'))
      shutdown.begin('enough')`
      await build({
        ...{
          stdin: { contents, resolveDir: consumer },
          outfile,
          format,
          bundle: true,
          platform: 'node',
          logLevel: 'error',
        },
        // What esbuild's own documentation gives to an ES module bundle with CommonJS inside.
        ...(format === 'esm' && {
          banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
        }),
      })
      const bundled = spawnSync(process.execPath, [outfile], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, DEBUG: 'lastcall:*' },
      })
      assert.equal([bundled.status, bundled.stdout], [0, 'goodbye\n'], bundled.stderr)
      assert.match(bundled.stderr, /lastcall:\w+/)
    },
    limit,
  )
}

const PROGRAM = `import { createShutdown, LastcallError, type LastcallErrorCode, type Report } from 'lastcall'
import { allOf, exec, httpGet, oneAfterAnother, sleep } from 'lastcall/prestop'
import { killTree, listTree } from 'lastcall/process-tree'

const shutdown = createShutdown({ terminationGracePeriodSeconds: 30, exit: 'signal' })
shutdown.hook('flush', async ({ signal, deadline, remainingMs }) => {
  if (!signal.aborted && deadline.getTime() > 0 && remainingMs() > 0) await Promise.resolve()
}, { phase: 'flush', after: [], timeoutMs: 500 })
shutdown.preStop('leave', oneAfterAnother(allOf(sleep(1), exec(['true'])), httpGet('http://127.0.0.1:8080', { method: 'PUT' })))
const n: Promise<number> = shutdown.track(async (signal) => (signal.aborted ? 1 : 2))
const report: Promise<Report> = shutdown.begin('maintenance')
const code: LastcallErrorCode = 'ERR_LASTCALL_OPTION'
export { code, killTree, LastcallError, listTree, n, report }
`

function typeCheck(module: string, resolution: string, file: string, ...more: string[]): void {
  writeFileSync(join(consumer, file), PROGRAM)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  run(consumer, process.execPath, tsc, ...flags(module, resolution), '--skipLibCheck', ...more, file)
}

function flags(module: string, moduleResolution: string): string[] {
  const roots = ['--types', 'node', '--typeRoots', `node_modules/@types,${join(root, 'node_modules/@types')}`]
  return [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
    ...roots,
  ]
}

function project(name: string, manifest: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'package.json'), manifest)
  return path
}

function install(into: string, ...packages: string[]): void {
  run(into, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages)
}

function node(file: string, text: string): string {
  writeFileSync(join(consumer, file), text)
  return run(consumer, process.execPath, file)
}

/** What it prints; the error shows everything that it said. */
function run(cwd: string, command: string, ...args: string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS)/.test(name)))
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  }
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size
  return readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0)
}
