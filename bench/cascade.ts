import process from 'node:process'
import { parseArgs } from 'node:util'
import { playRound, type Round } from '../test/children/cascade/round.ts'
import { heading } from './machine.ts'

// Do three levels of services, a bash script between each, spend one budget? Every level's hooks ran, and each was gone
// before the one above, in all of the rounds? Once the lowest level's hook takes a moment, once longer than it gets.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' } } })
const rounds = Number(values.rounds)

console.log(heading(`node --import tsx bench/cascade.ts --rounds ${rounds}`))
console.log('\nms from SIGTERM until a level had gone, median (slowest); its own deadline, median\n')
row('budget', 'hook of level 3', 'as it must be', 'level 3', 'its deadline', 'level 2', 'its deadline', 'level 1')
for (const graceSeconds of [5, 2]) {
  for (const hookMs of [20, 60_000]) await playAll(graceSeconds, hookMs)
}

async function playAll(graceSeconds: number, hookMs: number): Promise<void> {
  const played: Round[] = []
  const wrong = new Map<string, number>()
  for (let i = 0; i < rounds; i++) {
    const round = await once(graceSeconds, hookMs)
    if (typeof round === 'object') played.push(round)
    const faults = typeof round === 'string' ? [round] : [...round.faults, ...(round.code === 0 ? [] : ['exit code'])]
    for (const fault of faults) wrong.set(fault, (wrong.get(fault) ?? 0) + 1)
  }
  const good = played.filter(({ faults, code }) => faults.length === 0 && code === 0).length
  if (good < rounds) process.exitCode = 1
  const gone = (level: number): string => figures(played.map(({ goneMs }) => goneMs[level - 1] ?? Number.NaN))
  // Of each level's own clock, seen from the one on top.
  const due = (level: number): string =>
    String(Math.round(median(played.map(({ reports }) => dueMs(reports[level - 1]) - startMs(reports[0])))))
  const hook = hookMs < 1_000 ? `${hookMs} ms` : 'all it gets'
  row(`${graceSeconds} s`, hook, `${good} of ${rounds}`, gone(3), due(3), gone(2), due(2), gone(1))
  for (const [fault, times] of wrong) console.log(`    ${times} × ${fault}`)
}

async function once(graceSeconds: number, hookMs: number): Promise<Round | string> {
  const cleanups: (() => unknown)[] = []
  try {
    const after = (cleanup: () => unknown): void => void cleanups.push(cleanup)
    return await playRound({ signal: AbortSignal.timeout(60_000), after }, { graceSeconds, hookMs })
  } catch (error) {
    return String((error as Error).message).slice(0, 200)
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

function startMs(report: Round['reports'][number] | undefined): number {
  return Date.parse(report?.startedAt ?? '')
}

function dueMs(report: Round['reports'][number] | undefined): number {
  return startMs(report) + (report?.clock.deadlineMs ?? Number.NaN)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function figures(ms: readonly number[]): string {
  return `${Math.round(median(ms))} (${Math.round(Math.max(...ms))})`
}

function row(...cells: string[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(8) : cell.padStart(16))).join(''))
}
