import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { commandLine, group, kill, marked, type Process } from './processes.ts'

/** In the environment of a file and all that it starts; a runner inside a test adds its own part to the path. */
const MARK = 'LASTCALL_TEST_RUN'
const root = fileURLToPath(new URL('../../', import.meta.url))
const requiresAll = process.env.LASTCALL_TEST_REQUIRES === 'all'
const onLinux = existsSync('/proc/self/stat')

export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
  /** Why the file failed, in words; empty if it passed. */
  readonly faults: readonly string[]
  readonly output: string
  readonly durationMs: number
}

export interface RunnerOptions {
  readonly node: string
  /** Only ends a hang. */
  readonly limitMs: number
}

/** Runs one file in a process and a process group of its own, and judges it by how it ended and what it left. */
export async function runFile(file: string, { node, limitMs }: RunnerOptions): Promise<FileResult> {
  const mark = [process.env[MARK], randomUUID()].filter(Boolean).join('/')
  const startedAt = performance.now()
  const child = spawn(node, ['--import', 'tsx', file], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // First in PATH, so that `node` and `npx` inside a test are of the line under test, too.
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, [MARK]: mark },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = new Promise<false>((resolve) => child.once('close', () => resolve(false)))

  const ending = await endOf(child, limitMs)
  const left = await leftBehind(child.pid ?? 0, mark)
  // Somebody without group and mark can still hold the pipe.
  const open = await Promise.race([closed, pause(3_000, true, { ref: false })])
  const faults = left.map(({ pid }) => `left behind ${pid} ${commandLine(pid)}`)
  if (open && left.length === 0) faults.push('left somebody behind who holds its output open')
  kill(left)
  const durationMs = performance.now() - startedAt
  return { ...judge(output, ending, faults), file: relative(root, file), output, durationMs }
}

/** undefined for exit code 0, else what happened instead. */
function endOf(child: ChildProcess, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(`still ran after ${Math.round(limitMs / 1000)} s`)
      child.kill('SIGKILL')
    }, limitMs)
    child.once('error', (error) => resolve(`did not start: ${error.message}`))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exited with ${code}`)
    })
  })
}

/** Whoever is still there after two seconds: tsx's compiler process ends a moment after its parent. */
async function leftBehind(pgid: number, mark: string): Promise<Process[]> {
  if (!onLinux) return []
  const end = performance.now() + 2_000
  for (;;) {
    const byGroup = group(pgid)
    const left = [...byGroup, ...marked(MARK, mark).filter((p) => !byGroup.some((q) => q.pid === p.pid))]
    if (left.length === 0 || performance.now() > end) return left
    await pause(50)
  }
}

/** uvu's own summary is the witness: it is printed last, and only if every test was awaited. */
function judge(output: string, ending: string | undefined, leftBehind: readonly string[]) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const text = output.replace(/\x1b\[\d*m/g, '')
  const summary = [...text.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1)
  const [total, passed, skips] = summary ? summary.slice(1).map(Number) : [0, 0, 0]
  const skipped = [...text.matchAll(/^SKIPPED (.+)$/gm)].map((line) => line[1] as string)
  const faults: string[] = []
  if (ending) faults.push(ending)
  if (!summary) faults.push('ended before its tests did, or had none')
  else if (total === 0 && skips === 0) faults.push('ran no test')
  else if (passed !== total) faults.push(`${(total as number) - (passed as number)} of ${total} failed`)
  if (requiresAll) {
    // Another reason than Node's own line: this machine must have what is missing.
    const avoidable = skipped.filter((line) => !/\(needs Node \d+ or newer\)$/.test(line))
    faults.push(...avoidable.map((line) => `skipped, though LASTCALL_TEST_REQUIRES is all: ${line}`))
  }
  faults.push(...leftBehind)
  // A file that failed without a failed test counts as one.
  const failed = Math.max((total as number) - (passed as number), faults.length ? 1 : 0)
  return { passed: passed as number, failed, skipped, faults }
}
