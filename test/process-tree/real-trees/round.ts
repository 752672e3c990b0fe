import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../../support/app.ts'
import { alive, isDead, marked, type Process, tree as treeOf } from '../../support/processes.ts'
import type { TestContext } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import type { Surroundings } from './surroundings.ts'
import type { Tree } from './tree.ts'

/** What one stop of one tree came to. */
export interface Round {
  /** Lines of events.log, written by the servers with O_APPEND: their order is the order in which things happened. */
  readonly events: readonly string[]
  readonly code: number | null
  /** From the signal until the process that got it was gone. */
  readonly ms: number
  /** Who was still alive then. */
  readonly left: readonly string[]
  readonly output: string
  readonly report: unknown
  /** What came of `tree.request`, undefined without one. */
  readonly requestBytes: number | undefined
  file(name: string): string
}

/** What stands before the command: a way of stopping trees. */
export type Launcher = (reportFile: string, options: readonly string[]) => readonly string[]

const GRACE_SECONDS = 5
const repository = fileURLToPath(new URL('../../../', import.meta.url))
const MARK = 'LASTCALL_TEST_ROUND'

export const lastcall: Launcher = (reportFile, options) => [
  ...[process.execPath, join(repository, 'dist/cli.js'), 'run', '--grace', String(GRACE_SECONDS)],
  ...['--report', reportFile, ...options, '--'],
]
/** Nothing between the signal and the command. */
export const bare: Launcher = () => []

export async function runRound(
  t: TestContext,
  tree: Tree,
  surroundings: Surroundings,
  launcher: Launcher = lastcall,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<Round> {
  const around = mkdtempSync(join(tmpdir(), 'lastcall-tree-'))
  t.after(() => rmSync(around, { recursive: true, force: true, maxRetries: 3 }))
  const folder = join(around, 'app')
  await furnish(folder, tree)
  // Not in the app's folder: nodemon would see it come, and start the server again.
  const reportFile = join(around, 'report.json')
  const command = [...surroundings.prefix, ...launcher(reportFile, tree.options ?? []), ...tree.command]
  const app = await startProgram(t, command, {
    cwd: folder,
    ready: false,
    env: { ...environment(folder), [MARK]: folder },
  })
  const file = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '')

  const up = (events: string) => (tree.ready ?? ['a ready']).every((text) => events.includes(text))
  const started = await until(
    `${tree.name} is up`,
    () => ({ events: file('events.log'), ended: app.process.exitCode ?? app.process.signalCode, stderr: app.stderr }),
    ({ events, ended }) => up(events) || ended !== null,
    { signal: t.signal },
  )
  if (!up(started.events)) throw new Error(`${tree.name} ended before it was up:\n${started.events}${app.stderr}`)
  await until('all of it is asleep', () => awake(app.pid), nobody, { limitMs: 1_000 }).catch(
    () => 'busy: as good a moment',
  )
  const request = tree.request && (await beginRequest(folder, tree.request))

  const target = surroundings.pid1 ? await firstChild(app.pid) : app.pid
  const before = treeOf(app.pid)
  const ended = new Promise<number | null>((resolve) => app.process.once('exit', resolve))
  const toldAt = performance.now()
  process.kill(target, signal)
  // A kubelet would at the end of the grace period; here a busy machine gets a little more.
  const kubelet = setTimeout(() => process.kill(target, 'SIGKILL'), GRACE_SECONDS * 1000 + 3_000)
  const code = await ended
  clearTimeout(kubelet)
  const events = file('events.log').split('\n').filter(Boolean)
  const ms = performance.now() - toldAt
  // The dead may need a moment until the kernel has taken them out of /proc.
  const left = await until('nobody is left', () => remaining(before, folder), nobody, { limitMs: 200 }).catch(() =>
    remaining(before, folder),
  )

  const { stdout, stderr } = await app.exited
  return {
    events,
    code,
    ms,
    left,
    output: stdout + stderr,
    report: file('../report.json') && JSON.parse(file('../report.json')),
    requestBytes: await request?.received,
    file,
  }
}

async function furnish(folder: string, tree: Tree): Promise<void> {
  cpSync(new URL('servers/', import.meta.url), folder, { recursive: true })
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...tree.files })) {
    writeFileSync(join(folder, name), text, { mode: 0o755 })
  }
  writeFileSync(join(folder, 'events.log'), '')
  // Whatever user the tree runs as, or changes to.
  for (const name of ['..', '', 'events.log']) chmodSync(join(folder, name), 0o777)
  await tree.prepare?.(folder)
}

/** What the tree's programs need, whoever runs the tests: this Node and ours of node_modules first, a home to write in. */
function environment(folder: string): Record<string, string | undefined> {
  const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return {
    PATH: `${join(repository, 'node_modules/.bin')}:${dirname(process.execPath)}:${system}`,
    HOME: folder,
    npm_config_cache: join(folder, '.npm'),
    npm_config_update_notifier: 'false',
    ENV: undefined,
    BASH_ENV: undefined,
  }
}

function awake(root: number): string[] {
  const running = () => treeOf(root).filter((p) => p.state === 'R' || p.state === 'D')
  return running().map((p) => p.comm)
}

function nobody(list: readonly string[]): boolean {
  return list.length === 0
}

function firstChild(unshare: number): Promise<number> {
  return until(
    'PID 1 is there',
    () => readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8'),
    (text) => text !== '',
  ).then((text) => Number(text.split(' ')[0]))
}

/** By what was there at the stop, and by mark: what began since then and left the tree. */
function remaining(before: readonly Process[], folder: string): string[] {
  const marks = marked(MARK, folder)
  const known = before.filter((p) => alive(p) && !marks.some((q) => q.pid === p.pid))
  return [...known, ...marks].filter((p) => !isDead(p)).map((p) => `${p.pid} ${p.comm}`)
}

/** HTTP/1.0 on a Unix socket: resolves when the response has begun; `received` is how much came until its end. */
function beginRequest(folder: string, { socket, path }: { socket: string; path: string }) {
  const connection = connect(join(folder, socket))
  connection.write(`GET ${path} HTTP/1.0\r\n\r\n`)
  let bytes = 0
  const received = new Promise<number>((resolve) => {
    connection.on('error', () => {})
    connection.on('close', () => resolve(bytes))
  })
  return new Promise<{ received: Promise<number> }>((resolve, reject) => {
    connection.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      resolve({ received })
    })
    received.then(() => reject(new Error(`${socket} ended the connection without an answer`)))
  })
}
