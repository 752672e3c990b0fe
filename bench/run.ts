import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

// npm run bench [-- NAME…]: each question in a process of its own, one after the other, on a machine at rest.
const chosen = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
  // A file that exports is a part of others.
  .filter((name) => !/^export /m.test(readFileSync(join(import.meta.dirname, name), 'utf8')))
  .filter((name) => chosen.length === 0 || chosen.some((word) => name.includes(word)))

for (const name of files) {
  console.log(`\n## ${name}`)
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(import.meta.dirname, name)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
