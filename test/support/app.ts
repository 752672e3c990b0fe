import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { HookReport, PhaseReport, Report } from '../../lib/report/report.ts'
import { isDead, kill, marked, type Process, processes, readProcess, tree } from './processes.ts'
import type { TestContext } from './suite.ts'
import { until } from './until.ts'

/** In the environment of an app and of all that it starts, so that even a daemon is found. */
const MARK = 'LASTCALL_TEST_APP'

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** What stdout or stderr says when the program is ready; false: do not wait. @default /^ready/m */
  readonly ready?: string | RegExp | false
  /** A session and group of its own, so that a signal to the group reaches only the app's. @default true */
  readonly detached?: boolean
  /** @default ['ignore', 'pipe', 'pipe'] */
  readonly stdio?: SpawnOptions['stdio']
}

export interface AppOptions extends ProgramOptions {
  /** Options of createShutdown: the app takes them from `given.js`. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly args?: readonly string[]
  /** For node itself. */
  readonly execArgv?: readonly string[]
  readonly node?: string
}

export interface App {
  readonly pid: number
  /** Of the process itself, for `alive(app.identity)`. */
  readonly identity: Process
  readonly process: ChildProcess
  /** What it has said so far. */
  readonly stdout: string
  readonly stderr: string
  readonly exited: Promise<Exited>
  /** To the process alone, as a kubelet does. */
  kill(signal?: NodeJS.Signals): void
  /** To its process group, as a terminal does. */
  killGroup(signal: NodeJS.Signals): void
  /** Waits until stdout or stderr says it; returns the match. */
  says(pattern: string | RegExp): Promise<string>
}

export interface Exited {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** From start to exit. */
  readonly durationMs: number
  /** Read from the file that `given.js` hands over as `reportFile`; reading it throws where none was written. */
  readonly report: AppReport
}

export interface AppReport extends Report {
  phase(name: string): PhaseReport
  hook(name: string): HookReport
}

/** Starts `test/apps/NAME.js` on the node that runs the test, and waits until it says `ready`. */
export function startApp(t: TestContext, name: string, options: AppOptions = {}): Promise<App> {
  const { options: given = {}, args = [], execArgv = [], node = process.execPath, env, ...program } = options
  const file = fileURLToPath(new URL(`../apps/${name}.js`, import.meta.url))
  return startProgram(t, [node, ...execArgv, file, ...args], {
    ...program,
    env: { LASTCALL_TEST_OPTIONS: JSON.stringify(given), ...env },
  })
}

/** Starts the built command line, `lastcall ARGS…`. */
export function startCli(t: TestContext, args: readonly string[], options: ProgramOptions = {}): Promise<App> {
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
  return startProgram(t, [process.execPath, cli, ...args], options)
}

/** Starts any program. When the test ends, passed or failed, it and all that it started are killed. */
export async function startProgram(
  t: TestContext,
  command: readonly string[],
  options: ProgramOptions = {},
): Promise<App> {
  const { env, ready = /^ready/m, detached = true, cwd = process.cwd(), stdio = ['ignore', 'pipe', 'pipe'] } = options
  const mark = randomUUID()
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-app-'))
  const reportFile = join(folder, 'report.json')
  t.after(() => rmSync(folder, { recursive: true, force: true }))

  const [file = '', ...args] = command
  const startedAt = performance.now()
  const child = spawn(file, args, {
    cwd,
    detached,
    stdio,
    env: { ...cleanEnvironment(), LASTCALL_TEST_REPORT: reportFile, ...env, [MARK]: mark },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const pid = child.pid as number
  const identity = readProcess(pid) as Process
  t.after(() => endTree(identity, mark))

  const exited = new Promise<Exited>((resolve) => {
    child.once('exit', async (code, signal) => {
      const durationMs = performance.now() - startedAt
      await delivered(child)
      // Kept now: the folder is gone when the test has ended.
      const text = readIfThere(reportFile)
      resolve({
        ...{ code, signal, ...said, durationMs },
        get report() {
          return parseReport(text, said)
        },
      })
    })
  })

  const app: App = {
    pid,
    identity,
    process: child,
    exited,
    get stdout() {
      return said.stdout
    },
    get stderr() {
      return said.stderr
    },
    kill: (signal = 'SIGTERM') => void process.kill(pid, signal),
    killGroup: (signal) => void process.kill(-pid, signal),
    async says(pattern) {
      const text = await until(
        `${command.join(' ')} says ${pattern}`,
        () => {
          const found = said.stdout.match(pattern) ?? said.stderr.match(pattern)
          const ended = child.exitCode ?? child.signalCode
          return { said: found?.[0], ended, ...said }
        },
        (seen) => seen.said !== undefined || seen.ended !== null,
        { signal: t.signal },
      )
      if (text.said !== undefined) return text.said
      await exited
      const late = said.stdout.match(pattern) ?? said.stderr.match(pattern)
      if (late) return late[0]
      throw new Error(
        `${command.join(' ')} ended (${text.ended}) and never said ${pattern}:\n${said.stdout}${said.stderr}`,
      )
    },
  }
  if (ready) await app.says(ready)
  return app
}

/** An app starts as in a pod: without what the shell, npm or this test run has set. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|NODE_(OPTIONS|ENV|CHANNEL|UNIQUE)|TSX_|DEBUG$|TERMINATION_GRACE|LASTCALL_(?!TEST_RUN$)|CI$)/
  // What a platform is known by: the machine may be a service of systemd, or a container somewhere.
  const platform =
    /^(pm_id|PM2_|KUBERNETES_|K_SERVICE$|ECS_|DYNO$|INVOCATION_ID$|JOURNAL_STREAM$|NOTIFY_SOCKET$|SYSTEMD_)/
  const names = Object.keys(process.env).filter((name) => !foreign.test(name) && !platform.test(name))
  return Object.fromEntries(names.map((name) => [name, process.env[name]]))
}

/** All output has come; a daemon that keeps the pipe open cannot hold this up for more than a moment. */
async function delivered(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  if (streams.every((stream) => stream.closed || stream.readableEnded)) return
  await Promise.race([
    Promise.all(streams.map((stream) => stream.closed || new Promise((resolve) => stream.once('close', resolve)))),
    new Promise((resolve) => setTimeout(resolve, 2_000)),
  ])
}

async function endTree(root: Process, mark: string): Promise<void> {
  await until(
    'the app and all that it started are gone',
    () => {
      const left = remaining(root, mark)
      kill(left)
      return left
    },
    (left) => left.length === 0,
    { limitMs: 4_000 },
  )
}

/** By mark, and for those that overwrote their environment (nginx, gunicorn) by descent and by session. */
function remaining(root: Process, mark: string): Process[] {
  const all = processes()
  const leader = all.find((p) => p.pid === root.pid)
  // Another process that got the pid: it and its session are none of ours.
  const recycled = leader !== undefined && leader.startTime !== root.startTime
  const related = recycled ? [] : [...tree(root.pid, all), ...all.filter((p) => p.sid === root.pid)]
  return [...related, ...marked(MARK, mark)].filter((p) => !isDead(p))
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function parseReport(text: string | undefined, said: { stdout: string; stderr: string }): AppReport {
  if (text === undefined) throw new Error(`the app wrote no report. It said:\n${said.stdout}${said.stderr}`)
  const report = JSON.parse(text) as Report
  return {
    ...report,
    phase: (name) => only(report.phases, name),
    hook: (name) => only(report.hooks, name),
  }
}

function only<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((one) => one.name === name)
  if (!found) throw new Error(`the report has no ${name}, only ${list.map((one) => one.name).join(', ')}`)
  return found
}
