import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import * as assert from 'uvu/assert'
import { test } from './support/suite.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const lib = join(root, 'lib')

/** Who may import whom. Where an arrow leads, its own arrows lead on: `report` may use `clock`, since `hooks` does. */
const arrows: Record<string, readonly string[]> = {
  clock: [],
  kubernetes: [],
  'process-tree': [],
  systemd: ['process-tree'],
  hooks: ['clock'],
  report: ['hooks', 'kubernetes'],
  work: ['hooks', 'clock'],
  serving: ['hooks', 'clock'],
  children: ['hooks', 'clock', 'process-tree'],
  prestop: ['hooks', 'clock', 'children', 'process-tree'],
  probes: ['hooks', 'clock'],
  shutdown: ['clock', 'hooks', 'report', 'probes', 'serving'],
  watchdog: ['report', 'process-tree'],
  'shutdown-handle.ts': ['hooks', 'report', 'work', 'serving', 'children', 'probes'],
  wiring: ['shutdown-handle.ts', 'shutdown', 'children', 'serving', 'watchdog', 'probes'],
  'create-shutdown.ts': [
    'shutdown-handle.ts',
    'clock',
    'hooks',
    'report',
    'shutdown',
    'wiring',
    'work',
    'serving',
    'kubernetes',
    'systemd',
    'process-tree',
  ],
  run: ['create-shutdown.ts', 'process-tree', 'prestop'],
  cli: ['run', 'process-tree'],
}
const everybody = ['errors.ts', 'debug-log.ts', 'options.ts', 'real-time.ts', 'on-stderr.ts', 'node-program.ts']
/** Files that choose a platform's implementation. */
const choosesPlatform = ['process-tree/platform/platform.ts']
/** The command line talks on stdout and stderr; the library does so through its report and warnings alone. */
const mayPrint = /^cli\//

const files = sources(lib).map((path) => ({ path, name: relative(lib, path), text: readFileSync(path, 'utf8') }))

test('imports follow the arrows of CONTRIBUTING.md', () => {
  assert.ok(files.length > 30, 'the sources were not found')
  const wrong = files.flatMap(({ path, name, text }) => {
    const from = part(name)
    if (from === 'index.ts' || everybody.includes(from)) return []
    if (!arrows[from]) return [`${name}: no arrows are laid down for ${from}`]
    const allowed = [from, ...everybody, ...reachable(from)]
    return localImports(path, text)
      .filter((target) => target !== '../package.json' && !allowed.includes(part(target)))
      .map((target) => `${name} imports ${target}`)
  })
  assert.equal(wrong, [])
})

test('what all may use knows nobody but each other', () => {
  const wrong = files
    .filter(({ name }) => everybody.includes(name))
    .flatMap(({ path, name, text }) =>
      localImports(path, text)
        .filter((t) => !everybody.includes(t))
        .map((target) => `${name} imports ${target}`),
    )
  assert.equal(wrong, [])
})

test('no arrow closes a cycle', () => {
  assert.equal(
    Object.keys(arrows).filter((from) => reachable(from).includes(from)),
    [],
  )
})

test('nobody imports node:process: that reads every property of it, which opens the standard streams and makes their pipes non-blocking', () => {
  assert.equal(
    files.filter(({ text }) => imports(text).includes('node:process')).map(({ name }) => name),
    [],
  )
})

test('timers and clocks come from real-time.ts: those of the globals stand still where a test fakes time', () => {
  const wrong = files
    .filter(({ name }) => name !== 'real-time.ts' && !name.endsWith('-source.ts'))
    .flatMap(({ name, text }) => {
      const code = withoutComments(text)
      const real = /import \{([^}]*)\} from '(?:\.\.?\/)+real-time\.ts'/.exec(code)?.[1] ?? ''
      const called = code.match(
        /(?<![.\w])((set|clear)(Timeout|Interval|Immediate)|queueMicrotask|performance)(?=[(.])/g,
      )
      const elsewhere = code.match(/process\.(hrtime|nextTick)|'node:(timers|perf_hooks).*'/g)
      return [...(called ?? []).filter((word) => !real.split(/\W+/).includes(word)), ...(elsewhere ?? [])].map(
        (word) => `${name}: ${word}`,
      )
    })
  assert.equal(wrong, [])
})

test('imports carry their extension, and builtins their node:', () => {
  const wrong = files.flatMap(({ name, text }) =>
    imports(text)
      .filter((target) => !/^(node:|\..*\.(ts|json)$|(debug|pidtree|tree-kill)$)/.test(target))
      .map((target) => `${name} imports ${target}`),
  )
  assert.equal(wrong, [])
})

test('a file holds one idea: its name says which, and 250 lines are enough', () => {
  const nameless = /^(util|helper|common|misc|shared|types?|constants?)s?\.ts$/
  assert.equal(
    files.filter(({ name }) => nameless.test(name.split('/').at(-1) as string)).map(({ name }) => name),
    [],
  )
  const long = files.map(({ name, text }) => ({ name, lines: text.split('\n').length })).filter((f) => f.lines > 250)
  assert.equal(long, [])
})

test('a folder is seen at one glance', () => {
  // The largest subject; everything else keeps to a dozen.
  const larger: Record<string, number> = { report: 17 }
  const counts = new Map<string, number>()
  for (const { name } of files) counts.set(dirname(name), (counts.get(dirname(name)) ?? 0) + 1)
  const crowded = [...counts].filter(([folder, count]) => count > (larger[folder] ?? 12))
  assert.equal(crowded, [])
})

test('an index has exports and nothing else', () => {
  for (const { name, text } of files.filter((file) => file.name.endsWith('index.ts'))) {
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest)
    const code = source.statements.filter((one) => !ts.isExportDeclaration(one)).map((one) => one.getText(source))
    assert.equal(code, [], name)
  }
})

test('a module keeps no state between calls', () => {
  const wrong = files.flatMap(({ name, text }) => {
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest)
    return source.statements
      .filter(ts.isVariableStatement)
      .filter((one) => !(one.declarationList.flags & ts.NodeFlags.Const))
      .map((one) => `${name}: ${one.getText(source)}`)
  })
  assert.equal(wrong, [])
})

test('the platform is asked in one place, and the library prints nothing by itself', () => {
  const wrong = files.flatMap(({ name, text }) => {
    const code = withoutComments(text)
    return [
      /process\.platform|os\.platform\(/.test(code) &&
        !choosesPlatform.includes(name) &&
        `${name} asks for the platform`,
      /\bconsole\./.test(code) && !mayPrint.test(name) && `${name} uses console`,
      // Bundlers turn it into nothing in CommonJS; only the command line, which nobody bundles, may need it.
      /import\.meta\.(url|dirname|filename)/.test(code) && part(name) !== 'cli' && `${name} uses import.meta`,
    ].filter(Boolean)
  })
  assert.equal(wrong, [])
})

test('nothing is left for later', () => {
  const open = files
    .filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b|not implemented/i.test(text))
    .map(({ name }) => name)
  assert.equal(open, [])
})

test('a test starts programs only through app.ts, which ends them', () => {
  // There a ChildProcess is the thing under test, and its test ends it.
  const excepted = [
    'test/children/adopt-bad-input.test.ts',
    'test/hooks/resource.test.ts',
    'test/report/open-handles.test.ts',
  ]
  // The synchronous ones end what they start themselves.
  const bare = /import \{[^}]*\b(spawn|fork|exec|execFile)\b[^}]*\} from 'node:child_process'/
  const spawns = sources(join(root, 'test'))
    .map((path) => relative(root, path))
    .filter((name) => name.endsWith('.test.ts') && !/support\/(traps\/|runner)/.test(name) && !excepted.includes(name))
    .filter((name) => bare.test(readFileSync(join(root, name), 'utf8')))
  assert.equal(spawns, [])
})

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort()
}

/** The folder under lib, or the file itself if it lies in none. */
function part(name: string): string {
  return name.split('/')[0] as string
}

function reachable(from: string, found: string[] = []): string[] {
  for (const next of arrows[from] ?? []) {
    if (found.includes(next)) continue
    found.push(next)
    reachable(next, found)
  }
  return found
}

function imports(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName)
}

function localImports(path: string, text: string): string[] {
  return imports(text)
    .filter((target) => target.startsWith('.'))
    .map((target) => relative(lib, resolve(dirname(path), target)))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '')
}
