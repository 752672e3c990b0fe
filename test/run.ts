import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type FileResult, runFile } from './support/runner.ts'

// npm test -- [PATTERN…] [--node PATH] [--except PATTERN…] [--limit SECONDS] [--again] [--in FOLDER]
const { values, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    /** The node that runs the files. */
    node: { type: 'string', default: process.env.LASTCALL_TEST_NODE ?? process.execPath },
    except: { type: 'string', multiple: true, default: [] },
    limit: { type: 'string', default: '600' },
    again: { type: 'boolean', default: false },
    in: { type: 'string', default: import.meta.dirname },
  },
})

const files = readdirSync(values.in, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.includes('traps/'))
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .filter((file) => !values.except.some((pattern) => file.includes(pattern)))
  .sort()
  .map((file) => resolve(values.in, file))

const results: FileResult[] = []
const queue = [...files]
const startedAt = performance.now()
// One more than there are cores: a file waits for its apps more than it works.
await Promise.all(Array.from({ length: availableParallelism() + 1 }, work))

// A file that failed beside others gets one more try by itself; its first output stands above for whoever looks.
if (values.again) {
  const failed = results.filter((result) => result.faults.length > 0).map(({ file }) => file)
  for (const file of failed) {
    console.log(`again, alone: ${file}`)
    results.splice(
      results.findIndex((result) => result.file === file),
      1,
    )
    queue.push(file)
    await work()
  }
}

const skipped = results.flatMap((result) => result.skipped)
for (const line of skipped) console.log(`skipped: ${line}`)
const broken = results.filter((result) => result.faults.length > 0)
for (const { file } of broken) console.log(`FAILED: ${file}`)
if (files.length === 0) console.log(`no test file in ${values.in} matches ${patterns.join(' ')}`)
console.log(`${files.length} files on ${values.node}, ${seconds(performance.now() - startedAt)}`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${skipped.length} skipped`)
process.exitCode = broken.length > 0 || files.length === 0 ? 1 : 0

async function work(): Promise<void> {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const result = await runFile(file, { node: values.node, limitMs: Number(values.limit) * 1000 })
    results.push(result)
    const tests = `${result.passed} passed, ${seconds(result.durationMs)}`
    if (result.faults.length === 0) console.log(`ok    ${result.file}  ${tests}`)
    else console.log(`FAIL  ${result.file}  ${result.faults.join('; ')}\n${result.output}`)
  }
}

function sum(key: 'passed' | 'failed'): number {
  return results.reduce((total, result) => total + result[key], 0)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
