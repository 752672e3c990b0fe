import { setTimeout as pause } from 'node:timers/promises'
import { startApp } from '../support/app.ts'
import { alive, readProcess } from '../support/processes.ts'
import type { TestContext } from '../support/suite.ts'

export interface SmallBudgetRound {
  /** From the signal until the process had gone, in milliseconds. */
  readonly goneMs: number
  /** What was not as it has to be, in words. */
  readonly faults: readonly string[]
}

/** A hung hook in every phase and a deaf child, and a platform that kills when the grace period is over. */
export async function playSmallBudget(
  t: Pick<TestContext, 'signal' | 'after'>,
  graceSeconds: number,
): Promise<SmallBudgetRound> {
  const app = await startApp(t as TestContext, 'hangs-everywhere', {
    options: { terminationGracePeriodSeconds: graceSeconds },
  })
  const child = readProcess(Number((await app.says(/ready \d+/)).split(' ')[1]))
  const killer = new AbortController()
  const told = performance.now()
  app.kill('SIGTERM')
  const killed = pause(graceSeconds * 1_000, undefined, { signal: killer.signal }).then(
    () => app.kill('SIGKILL'),
    () => {},
  )
  const { code, signal, stdout, report } = await app.exited
  const goneMs = performance.now() - told
  killer.abort()
  await killed
  const faults = [
    signal === null ? '' : `ended by ${signal}`,
    signal !== null || code === 1 ? '' : `exit code ${code}`,
    stdout.includes('delivered') ? '' : 'the flush did not run',
    report.ended === 'done' ? '' : `the report says ${report.ended}`,
    report.hook('traces').outcome === 'done' ? '' : 'the flush was not done',
    child && alive(child) ? 'the child is left' : '',
  ]
  return { goneMs, faults: faults.filter((fault) => fault !== '') }
}
