import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { ALL_TREES } from '../test/process-tree/real-trees/all-trees.ts'
import { type Played, play } from '../test/process-tree/real-trees/play.ts'
import { Pool } from '../test/process-tree/real-trees/pool.ts'
import { bare, type Launcher, lastcall } from '../test/process-tree/real-trees/round.ts'
import * as around from '../test/process-tree/real-trees/surroundings.ts'

// How does each tree of test/process-tree/real-trees end below lastcall, and below others? One stop each.
// node --import tsx bench/real-trees.ts [TREE…] [--with lastcall,tini] [--as asPid1,notAsPid1] [--at-once 2] [--page FILE]
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    with: { type: 'string', default: 'lastcall' },
    as: { type: 'string', default: 'asPid1' },
    'at-once': { type: 'string', default: '2' },
    /** Also prints whole rounds. */
    verbose: { type: 'boolean', default: false },
    page: { type: 'string' },
  },
})

const launchers: Readonly<Record<string, Launcher>> = {
  lastcall,
  nothing: bare,
  tini: () => ['tini', '-s', '--'],
  'tini -g': () => ['tini', '-s', '-g', '--'],
  'dumb-init': () => ['dumb-init', '--'],
}
const surroundings: Readonly<Record<string, around.Surroundings>> = { ...around }

interface Column {
  readonly title: string
  readonly launcher: Launcher
  readonly mode: around.Surroundings
  readonly played: Played[]
}

const modes = values.as.split(',').map((as) => pick(surroundings, as, '--as'))
// The others are there to compare with: in the first surroundings alone.
const columns: Column[] = values.with.split(',').flatMap((name) =>
  (name === 'lastcall' ? modes : modes.slice(0, 1)).map((mode) => ({
    title: mode === modes[0] ? name : `${name}, ${mode.name}`,
    launcher: pick(launchers, name, '--with'),
    mode,
    played: [],
  })),
)

const pool = new Pool(Number(values['at-once']))
const page: string[] = []
for (const [heading, trees] of Object.entries(ALL_TREES)) {
  const chosen = trees.filter(({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)))
  if (chosen.length === 0) continue
  console.log(`\n${heading}`)
  page.push(`\n## ${heading}\n`, row(['tree', 'told', ...columns.map(({ title }) => title)]))
  page.push(row(['---', '---', ...columns.map(() => '--:')]))
  const rounds = chosen.map((tree) => columns.map(({ mode, launcher }) => pool.run(() => play(tree, mode, launcher))))
  for (const [index, tree] of chosen.entries()) {
    const played = await Promise.all(rounds[index] ?? [])
    columns.forEach((column, at) => void column.played.push(played[at] as Played))
    page.push(row([tree.name, tree.told, ...played.map(cell)]))
    console.log(`  ${tree.name}: ${played.map(cell).join(' | ')}`)
    for (const { faults } of played) for (const { text } of faults) console.log(`      ${text}`)
    if (values.verbose) for (const { round } of played) console.dir(round, { depth: 6 })
  }
}
const sums = [
  row(['', ...columns.map(({ title }) => title)]),
  row(['---', ...columns.map(() => '--:')]),
  sum('trees', () => true),
  sum('nothing lost', ({ faults }) => !faults.some(({ kind }) => kind === 'lost')),
  sum('somebody told twice or more', ({ faults }) => faults.some(({ kind }) => kind === 'again')),
  sum('the expected exit code', ({ faults }) => !faults.some(({ kind }) => kind === 'code')),
  sum('as expected, its limit of time included', ({ faults }) => faults.length === 0),
].join('\n')
console.log(`\n${sums}`)
if (values.page) writeFileSync(values.page, wholePage())

function sum(title: string, holds: (played: Played) => boolean): string {
  const count = ({ played }: Column) => played.filter((one) => one.skipped === undefined && holds(one)).length
  return row([title, ...columns.map((column) => String(count(column)))])
}

function cell({ skipped, round, faults }: Played): string {
  if (skipped) return '–'
  const kinds = new Set(faults.map(({ kind }) => kind))
  if (kinds.has('lost') || !round) return '✗'
  const marks = [kinds.has('again') ? ' 2×' : '', kinds.has('late') ? ' late' : '']
  return `${Math.round(round.ms)}${kinds.has('code') ? '!' : ''}${marks.join('')}`
}

function row(cells: readonly string[]): string {
  // What looks like HTML or a column to a reader of the page is a shell's.
  const shown = cells.map((text) => text.replace(/[|<>]/g, (c) => ({ '|': '\\|', '<': '&lt;' })[c] ?? '&gt;'))
  return `| ${shown.join(' | ')} |`
}

function pick<T>(from: Readonly<Record<string, T>>, name: string, option: string): T {
  const found = from[name]
  if (found === undefined) throw new Error(`${option} takes ${Object.keys(from).join(', ')}, got ${name}`)
  return found
}

function wholePage(): string {
  const machine = `Linux ${release().split('.', 2).join('.')}, Node ${process.version}, ${availableParallelism()} cores, ${values['at-once']} trees at once`
  return `# Trees and who is told

Where the stop signal goes in a tree of processes depends on the programs in it. This page shows what became of
${columns[0]?.played.length} trees as people really build them, each stopped once by SIGTERM, 5 s before SIGKILL. The servers in
them take 500 ms to clean up, and record each signal that they get. Where a title says nothing else, all of it ran
${modes[0]?.name}; below "nothing" the command is that process itself.

${sums}

- A number is the milliseconds from the signal until all had ended.
- ✗: something was lost: a cleanup, its order, a request, the last lines of a log; or somebody was left behind.
- 2×: a server was told more than once. \`!\`: another exit code than expected. –: not on this machine.
- The limit of time is three times what the tree needed when the rule was made, and a second.
- Expected is what lastcall promises: where a shell's trap would give another code, both may be defended.

The rule was developed on trees like these; expect trees that it does not know. Made on ${machine}, by

\`\`\`sh
npm run build
${commandLine()}
\`\`\`

The trees are in \`test/process-tree/real-trees/trees/\`, and \`npm test -- real-trees\` holds lastcall to this page.
${page.join('\n')}

Back to the rule: [Who gets the signal](signal-routing.md) · [All pages](README.md)
`
}

function commandLine(): string {
  const args = process.argv.slice(2).map((arg) => (/[^\w./=,:-]/.test(arg) ? `'${arg}'` : arg))
  return ['node --import tsx bench/real-trees.ts', ...args].join(' ')
}
