import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from './support/app.ts'
import { can } from './support/can.ts'
import { test } from './support/suite.ts'

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

interface Example {
  readonly file: string
  /** What runs it, before its name. @default node */
  readonly command?: readonly string[]
  /** After this line SIGTERM comes; false: it ends by itself. @default the line that begins with `ready` */
  readonly signalAfter?: RegExp | false
  readonly code: number
  /** On stdout or stderr, in this order. */
  readonly says: readonly string[]
  readonly skip?: string | false
}

const LIST: readonly Example[] = [
  { file: '01-hooks.js', code: 0, says: ['saying goodbye', 'goodbye', 'lastcall: clean: SIGTERM'] },
  { file: '02-phases-and-after.js', code: 0, says: ['1 the', '2 req', '3 the', '4 the', '5 traces', 'clean'] },
  { file: '03-resource.js', code: 0, says: ['clean', 'access log: stream.end()'] },
  { file: '04-track-work.js', signalAfter: /^job 2 began/m, code: 0, says: ['job 2 is done', 'the pool is closed'] },
  {
    file: '05-a-hung-hook.js',
    code: 1,
    says: ['the broker has', 'the broker is given up', 'the logs are delivered', 'broker (close) timed out'],
  },
  {
    file: '06-report-file.js',
    code: 1,
    says: ['in the middle of it: in progress, begun by SIGTERM', 'mail (close) failed: the mail server has gone'],
  },
  { file: '07-cutoff.js', code: 143, says: ['stopping', 'given up', '1 tracked task left undone'] },
  { file: '08-an-uncaught-error.js', signalAfter: false, code: 1, says: ['Error: a bug', 'the lock is given back'] },
  {
    file: '09-begin-yourself.js',
    signalAfter: false,
    code: 0,
    says: ['the cache is written', 'clean: begin("maintenance")', 'listeners of SIGTERM left: 0'],
  },
  {
    file: '10-run-a-start-script.sh',
    command: [process.execPath, CLI, 'run', '--grace', '15', '--', 'sh'],
    code: 7,
    says: ['the program was told, and cleans up', 'ends with code 7'],
    skip: can.linux(),
  },
  {
    file: '11-kill-a-tree.js',
    signalAfter: false,
    code: 0,
    says: ['found by root', 'found by cookie', '3 ended, 0 killed, 0 left'],
    skip: can.linux(),
  },
]

for (const { file, command = [process.execPath], signalAfter, code, says, skip = false } of LIST) {
  test(
    `example ${file} does what its first comment says`,
    async (t) => {
      const app = await startProgram(t, [...command, join(EXAMPLES, file)], { ready: signalAfter ?? /^ready/m })
      if (signalAfter !== false) app.kill('SIGTERM')
      const exited = await app.exited
      const missing = says.filter((text) => !(exited.stdout + exited.stderr).includes(text))
      assert.equal([exited.code, missing], [code, []], exited.stdout + exited.stderr)
      assert.equal(outOfOrder(exited.stdout, says), [])
    },
    { skip, limitMs: 30_000 },
  )
}

test('the last line that example 03 wrote while stopping is in its log', async (t) => {
  const app = await startProgram(t, [process.execPath, join(EXAMPLES, '03-resource.js')])
  const log = (await app.says(/cat (\S+)/)).slice('cat '.length)
  app.kill()
  await app.exited
  assert.match(readFileSync(log, 'utf8'), /the last line\n$/)
})

test('every example has an entry above, its number, and a first comment with its command and what to watch', () => {
  const files = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isFile())
  assert.equal(
    files.map(({ name }) => name).sort(),
    LIST.map(({ file }) => file),
  )
  files.forEach(({ name }, i) => {
    const comment = readFileSync(join(EXAMPLES, name), 'utf8').replace(/^#!.*\n/, '')
    assert.ok(name.startsWith(`${String(i + 1).padStart(2, '0')}-`), name)
    assert.match(comment, new RegExp(`^(//|#) .*examples/${name}.*\\n(.*\\n)?(//|#) Watch: `))
  })
})

/** What is on stdout, but not where it should be: between what comes before and after it. */
function outOfOrder(stdout: string, says: readonly string[]): string[] {
  const there = says.filter((text) => stdout.includes(text))
  let from = 0
  return there.filter((text) => {
    const at = stdout.indexOf(text, from)
    if (at >= 0) from = at + text.length
    return at < 0
  })
}
