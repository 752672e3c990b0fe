import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '../../../lib/report/report.ts'
import { startApp } from '../../support/app.ts'
import { alive, type Process, readProcess } from '../../support/processes.ts'
import type { TestContext } from '../../support/suite.ts'

export interface Round {
  readonly code: number | null
  /** From the signal until the process had gone, in milliseconds: the level on top first. */
  readonly goneMs: readonly number[]
  /** Of each level's own report. */
  readonly reports: readonly Report[]
  /** What was not as it has to be, in words. */
  readonly faults: readonly string[]
}

/** Three services, each below a bash script of the one above, and one SIGTERM to the one on top. */
export async function playRound(
  t: Pick<TestContext, 'signal' | 'after'>,
  { graceSeconds, hookMs }: { readonly graceSeconds: number; readonly hookMs: number },
): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-cascade-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'start.sh'), `"${process.execPath}" "$@"\nexit $?\n`)
  const app = await startApp(t, 'level', {
    args: ['1', String(hookMs)],
    options: { terminationGracePeriodSeconds: graceSeconds },
    env: { LASTCALL_TEST_FOLDER: folder },
    ready: /^ready 1/m,
  })
  const levels: Process[] = []
  for (const level of [1, 2, 3]) {
    const said = await app.says(new RegExp(`ready ${level} as (\\d+)`))
    levels.push(readProcess(Number(said.split(' ').at(-1))) as Process)
  }

  const told = performance.now()
  app.kill('SIGTERM')
  const { goneMs, faults } = await watchThemGo(levels, told)
  const { code } = await app.exited
  const reports = [1, 2, 3].map((level) => JSON.parse(readFileSync(join(folder, `${level}.json`), 'utf8')) as Report)
  return {
    code,
    goneMs,
    reports,
    faults: [...faults, ...reports.flatMap((report, i) => faultsOf(report, i + 1, hookMs))],
  }
}

/** From the top down at each look: whoever is seen alive below one that had gone did outlive it. */
async function watchThemGo(levels: readonly Process[], since: number): Promise<Pick<Round, 'goneMs' | 'faults'>> {
  const goneMs = levels.map(() => 0)
  const faults = new Set<string>()
  for (let anyLeft = true; anyLeft; await pause(2)) {
    anyLeft = false
    for (const [i, level] of levels.entries()) {
      const lives = alive(level)
      anyLeft ||= lives
      if (!lives) goneMs[i] ||= performance.now() - since
      else if (goneMs.slice(0, i).some((ms) => ms > 0)) faults.add(`level ${i + 1} lived when one above had gone`)
    }
  }
  return { goneMs, faults: [...faults] }
}

/** Each level's hook ran; the lowest one's may have been cut at its deadline; nobody was killed. */
function faultsOf(report: Report, level: number, hookMs: number): string[] {
  const hook = report.hooks.find((one) => one.name === 'clean up')
  const { clock, ended, children } = report
  const isCut = level === 3 && hookMs > clock.deadlineMs
  return [
    ended === 'done' ? '' : `level ${level} ended as ${ended}`,
    hook?.outcome === (isCut ? 'timed out' : 'done') ? '' : `the hook of level ${level}: ${hook?.outcome}`,
    clock.source === (level === 1 ? 'option' : 'parent') ? '' : `the clock of level ${level} is from ${clock.source}`,
    children.every((child) => child.killed === 0) ? '' : `level ${level} had to kill`,
  ].filter((fault) => fault !== '')
}
