import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../lib/report/report.ts'
import { asPid1 } from '../process-tree/real-trees/surroundings.ts'
import { type App, startProgram } from '../support/app.ts'
import { children, commandLine, environment, isDead, marked, processes } from '../support/processes.ts'
import type { TestContext } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { diesEarly } from './model/early.ts'
import type { Plan } from './plan.ts'

/** A line of the journal: who did what, as it happened. Children have no clock for it, only its order. */
export interface Entry {
  readonly who: string
  readonly what: string
  readonly atMs: number
}

/** What was seen from outside. Times are on the kernel's monotonic clock. */
export interface Seen {
  readonly journal: readonly Entry[]
  /** Those that somebody was there to get. */
  readonly sent: readonly { readonly signal: NodeJS.Signals; readonly atMs: number }[]
  readonly goneAt: number
  /** As a shell shows it. */
  readonly code: number
  readonly report: Report | undefined
  /** Of `lastcall run`. */
  readonly runReport: Report | undefined
  /** Who was still there seconds later. */
  readonly left: readonly string[]
  readonly stderr: string
}

const MARK = 'LASTCALL_SOAK'
const app = fileURLToPath(new URL('follows-plan.js', import.meta.url))
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Plays a plan with real processes and signals. */
export async function play(t: TestContext, plan: Plan, node = process.execPath): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-soak-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [journalFile, reportFile, runFile] = ['journal', 'report.json', 'run.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const run = [cli, 'run', '--grace', String(plan.graceSeconds), '--report', runFile, '--', node]
  const mark = `${process.pid}-${plan.seed}-${nowMs()}`
  const program = await startProgram(
    t,
    [...(plan.pid1 ? asPid1.prefix : []), node, ...(plan.as === 'run' ? run : []), app],
    {
      ready: false,
      env: {
        [MARK]: mark,
        LASTCALL_SOAK_PLAN: JSON.stringify(plan),
        LASTCALL_SOAK_JOURNAL: journalFile,
        LASTCALL_SOAK_REPORT: reportFile,
      },
    },
  )
  let goneAt = 0
  program.process.once('exit', () => {
    goneAt = nowMs()
  })
  await program.says(plan.early === null ? /^created/m : /^up/m)
  // One that begins by itself may have gone on a busy machine, and its namespace with it.
  const target = plan.pid1 ? (children(program.pid)[0]?.pid ?? 0) : program.pid
  const namespace = namespaceOf(target)
  const dies = diesEarly(plan)
  if (plan.early !== null) process.kill(target, plan.early)
  if (plan.early !== null && !dies) {
    writeFileSync(`${journalFile}.sent`, '')
    await program.says(/^created/m)
  }
  const sent = dies ? [] : await send(plan, program, target)
  // What never ends is a failure that can be told, not a hang.
  const killer = setTimeout(() => program.process.kill('SIGKILL'), plan.graceSeconds * 1_000 + 3_000)
  program.process.once('exit', () => clearTimeout(killer))
  const { code, signal, stderr } = await program.exited
  const left = await goneBy(() =>
    plan.pid1 && namespace !== undefined
      ? inNamespace(namespace, mark)
      : marked(MARK, mark).map(({ pid }) => `${pid} ${commandLine(pid)}`),
  )
  return {
    ...{ sent, goneAt, left, stderr },
    code: code ?? 128 + constants.signals[signal as NodeJS.Signals],
    journal: read(journalFile)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [who = '', what = '', at = 'NaN'] = line.split(' ')
        return { who, what, atMs: Number(at) }
      }),
    report: parse(reportFile),
    runReport: parse(runFile),
  }
}

async function send(plan: Plan, program: App, target: number): Promise<Seen['sent']> {
  const sent: { signal: NodeJS.Signals; atMs: number }[] = []
  const over = new AbortController()
  program.process.once('exit', () => over.abort())
  if (program.process.exitCode !== null) return sent
  const startedAt = nowMs()
  const killed = plan.killedAtMs === null ? [] : [{ signal: 'SIGKILL' as const, atMs: plan.killedAtMs }]
  for (const { signal, atMs } of [...plan.signals, ...killed].sort((a, b) => a.atMs - b.atMs)) {
    try {
      await sleep(startedAt + atMs - nowMs(), undefined, { signal: over.signal })
      if (target === 0) break
      process.kill(target, signal)
    } catch {
      break // It has gone.
    }
    sent.push({ signal, atMs: nowMs() })
  }
  return sent
}

/** The guard of a service that was killed needs a moment; who is there after three seconds is left behind. */
async function goneBy(look: () => string[]): Promise<string[]> {
  let seen: string[] = []
  await until(
    'nobody is left',
    () => (seen = look()),
    (left) => left.length === 0,
    { limitMs: 3_000 },
  ).catch(() => {})
  return seen
}

/** The number of one that has ended may be that of the next run's by now, and those there carry another mark. */
function inNamespace(namespace: string, mark: string): string[] {
  return processes()
    .filter((one) => !isDead(one) && [undefined, mark].includes(environment(one.pid)[MARK]))
    .filter(({ pid }) => namespaceOf(pid) === namespace)
    .map(({ pid }) => `${pid} ${commandLine(pid)}`)
}

/** Undefined where the process has gone. */
function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function parse(file: string): Report | undefined {
  const text = read(file)
  return text === '' ? undefined : (JSON.parse(text) as Report)
}
