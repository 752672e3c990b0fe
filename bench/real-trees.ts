import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { ALL_TREES } from '../test/process-tree/real-trees/all-trees.ts'
import { type Played, play } from '../test/process-tree/real-trees/play.ts'
import { Pool } from '../test/process-tree/real-trees/pool.ts'
import { bare, type Launcher, lastcall } from '../test/process-tree/real-trees/round.ts'
import * as around from '../test/process-tree/real-trees/surroundings.ts'

// node --import tsx bench/real-trees.ts [NAME…] [--as asPid1,…] [--below lastcall] [--at-once 1] [--page FILE]
// Stops each tree of test/process-tree/real-trees once and says what became of it.
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    as: { type: 'string', default: 'asPid1,notAsPid1' },
    below: { type: 'string', default: 'lastcall' },
    'at-once': { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    page: { type: 'string' },
  },
})
const launchers: Record<string, Launcher> = {
  lastcall,
  nothing: bare,
  tini: () => ['tini', '-s', '--'],
  'tini -g': () => ['tini', '-s', '-g', '--'],
  'dumb-init': () => ['dumb-init', '--'],
}
const launcher = pick(launchers, values.below, '--below')
const modes = values.as.split(',').map((name) => pick(around as Record<string, around.Surroundings>, name, '--as'))

const pool = new Pool(Number(values['at-once']))
const body: string[] = []
const all: Played[][] = modes.map(() => [])
for (const [heading, trees] of Object.entries(ALL_TREES)) {
  const chosen = trees.filter((tree) => names.length === 0 || names.some((name) => tree.name.includes(name)))
  if (chosen.length === 0) continue
  body.push('', `## ${heading}`, '', row(['tree', 'who is told', ...modes.map(({ name }) => `${name}, ms`)]))
  body.push(row(['---', '---', ...modes.map(() => '--:')]))
  console.log(`\n${heading}`)
  const played = chosen.map((tree) => modes.map((mode) => pool.run(() => play(tree, mode, launcher))))
  for (const [index, tree] of chosen.entries()) {
    const results = await Promise.all(played[index] as Promise<Played>[])
    results.forEach((result, mode) => void all[mode]?.push(result))
    body.push(row([tree.name, tree.told, ...results.map(cell)].map((text) => text.replaceAll('|', '\\|'))))
    console.log(`  ${tree.name}: ${results.map(cell).join(' | ')}`)
    if (values.verbose) for (const { round } of results) console.dir(round, { depth: 6, maxArrayLength: 200 })
  }
}
const sums = modes.map(({ name }, mode) => {
  const played = (all[mode] ?? []).filter(({ skipped }) => skipped === undefined)
  return `${name}: ${played.filter(({ faults }) => faults.length === 0).length} of ${played.length} as expected`
})
console.log(`\n${sums.join('\n')}`)
if (values.page) writeFileSync(values.page, page())

function cell({ skipped, round, faults }: Played): string {
  if (skipped) return `– (${skipped})`
  const ms = round ? Math.round(round.ms) : '?'
  return faults.length === 0 ? `${ms}` : `✗ ${ms} (${faults.join('; ')})`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function pick<T>(from: Record<string, T>, name: string, option: string): T {
  const found = from[name]
  if (found === undefined) throw new Error(`${option} takes ${Object.keys(from).join(', ')}; got ${name}`)
  return found
}

function page(): string {
  return ''
}
void availableParallelism
void release
void process
