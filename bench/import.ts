import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { importCosts } from './import-cost.ts'
import { heading } from './machine.ts'

// What does one import cost a service that starts? The yardstick is `debug`, which most services load anyway.
const ROUNDS = Number(process.argv[2] ?? 31)
const root = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lastcall-import-'))
mkdirSync(join(folder, 'node_modules'))
symlinkSync(root, join(folder, 'node_modules/lastcall'))
symlinkSync(join(root, 'node_modules/debug'), join(folder, 'node_modules/debug'))

const costs = importCosts(
  folder,
  {
    'import debug': "import 'debug'",
    'import lastcall': "import 'lastcall'",
    'import lastcall/process-tree': "import 'lastcall/process-tree'",
    'require debug': "require('debug')",
    'require lastcall': "require('lastcall')",
  },
  ROUNDS,
)
rmSync(folder, { recursive: true })

console.log(heading(`node --import tsx bench/import.ts ${ROUNDS}`))
console.log(`medians of ${ROUNDS} starts, in turn, beyond a program that imports nothing`)
for (const [name, { wallMs, cpuMs }] of Object.entries(costs)) {
  console.log(`${name.padEnd(30)} ${wallMs.toFixed(1).padStart(6)} ms   ${cpuMs.toFixed(1).padStart(6)} ms of CPU`)
}
