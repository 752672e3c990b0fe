import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from './support/app.ts'
import { can } from './support/can.ts'
import { test } from './support/suite.ts'
import { until } from './support/until.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const EXAMPLES = join(ROOT, 'examples')
const CLI = join(ROOT, 'dist/cli.js')

interface Example {
  readonly file: string
  /** What runs it, before its name. @default node */
  readonly command?: readonly string[]
  /** What follows, instead of the file itself. */
  readonly args?: readonly string[]
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
  {
    file: '12-several-commands/web.js',
    command: [process.execPath, CLI, 'run'],
    args: ['--config', join(EXAMPLES, '12-several-commands/lastcall.config.json')],
    signalAfter: /web is ready/,
    code: 0,
    says: ['worker | worker waits for jobs', 'web    | web listens', 'web    | web is done', 'worker | worker is done'],
    skip: can.linux() || can.program('python3'),
  },
  {
    file: '13-a-worker-pool.js',
    code: 0,
    says: ['task 4 is done', 'the database closes', 'clean'],
  },
  {
    file: '14-a-cluster.js',
    code: 0,
    says: ['a worker closes', 'the primary closes last', 'clean'],
  },
  {
    file: '15-a-python-worker/service.js',
    code: 0,
    says: ['the model is unloaded', 'clean'],
    skip: can.linux() || can.program('python3'),
  },
]

for (const {
  file,
  command = [process.execPath],
  args = [join(EXAMPLES, file)],
  signalAfter,
  code,
  says,
  skip = false,
} of LIST) {
  test(
    `example ${file} does what its first comment says`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-test-'))
      t.after(() => rmSync(folder, { recursive: true }))
      const ready = signalAfter ?? /^ready/m
      const app = await startProgram(t, [...command, ...args], { ready, env: { TMPDIR: folder } })
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

test(
  'the last request of example 15 is answered before its worker is told',
  async (t) => {
    const app = await startProgram(t, [process.execPath, join(EXAMPLES, '15-a-python-worker/service.js')])
    const port = Number((await app.says(/127\.0\.0\.1:\d+/)).split(':')[1])
    const answer = get(port, '7')
    await answer.began
    app.kill()
    assert.is(await answer.body, '49\n')
    assert.is((await app.exited).code, 0)
  },
  { skip: can.linux() || can.program('python3') },
)

test('every example has an entry above, its number, and a first comment with its command and what to watch', () => {
  const files = readdirSync(EXAMPLES).filter((name) => /^\d/.test(name))
  // One that needs several files has a folder; its first comment is in the file that is named above.
  assert.equal(
    files.sort(),
    LIST.map(({ file }) => file.split('/')[0]),
  )
  LIST.forEach(({ file: name }, i) => {
    const comment = readFileSync(join(EXAMPLES, name), 'utf8').replace(/^#!.*\n/, '')
    assert.ok(name.startsWith(`${String(i + 1).padStart(2, '0')}-`), name)
    assert.match(comment, new RegExp(`^(//|#) .*examples/${name.split('/')[0]}.*\\n(.*\\n)?(//|#) Watch: `))
  })
})

for (const page of ['README.md', 'docs/getting-started.md']) {
  test(
    `the first program of ${page} answers the request in flight, and ends clean`,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lastcall-test-'))
      t.after(() => rmSync(folder, { recursive: true }))
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(ROOT, join(folder, 'node_modules/lastcall'))
      const [, program = ''] = /```js\n(import .+?)```/s.exec(readFileSync(join(ROOT, page), 'utf8')) ?? []
      writeFileSync(join(folder, 'server.mjs'), program)

      const port = await freePort()
      const app = await startProgram(t, [process.execPath, 'server.mjs'], {
        ready: false,
        cwd: folder,
        env: { PORT: `${port}` },
      })
      await until(
        'the server listens',
        () => canConnect(port),
        (answered) => answered,
      )
      const answer = get(port, 'greeting')
      await answer.began
      app.kill('SIGTERM')
      const { code, stderr } = await app.exited
      assert.equal([code, await answer.body], [0, 'hello\n'], stderr)
      assert.match(stderr, /^lastcall: clean: SIGTERM, done in .* of 30 s; \d hooks, 1 request finished, exit code 0$/m)
    },
    { limitMs: 30_000 },
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** `began`: the server has read the request, and said so; only then is it in flight. */
function get(port: number, path: string): { began: Promise<unknown>; body: Promise<string> } {
  const request = httpGet({
    port,
    host: '127.0.0.1',
    path: `/${path}`,
    agent: false,
    headers: { expect: '100-continue' },
  })
  const body = once(request, 'response').then(async ([response]) => {
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return text
  })
  return { began: once(request, 'continue'), body }
}

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
