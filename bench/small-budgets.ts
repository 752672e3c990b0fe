import process from 'node:process'
import { parseArgs } from 'node:util'
import { playSmallBudget, type SmallBudgetRound } from '../test/clock/small-budget-round.ts'
import { heading } from './machine.ts'

// What a hard eviction leaves, and less: a hung hook in every phase and a deaf child. Did the flush run, and had the
// process gone by itself before the platform's SIGKILL, in all of the rounds?
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' } } })
const rounds = Number(values.rounds)

console.log(heading(`node --import tsx bench/small-budgets.ts --rounds ${rounds}`))
console.log('\nms from SIGTERM until the process had gone, median (slowest)\n')
console.log('grace period   as it must be   gone')
for (const graceSeconds of [2, 1]) {
  const played: SmallBudgetRound[] = []
  for (let i = 0; i < rounds; i++) played.push(await once(graceSeconds))
  const good = played.filter(({ faults }) => faults.length === 0)
  if (good.length < rounds) process.exitCode = 1
  const gone = good.map(({ goneMs }) => goneMs).sort((a, b) => a - b)
  const figures = `${Math.round(gone[Math.floor(gone.length / 2)] ?? Number.NaN)} (${Math.round(gone.at(-1) ?? Number.NaN)})`
  console.log(`${graceSeconds} s            ${`${good.length} of ${rounds}`.padEnd(16)}${figures}`)
  for (const { faults, goneMs } of played) {
    if (faults.length > 0) console.log(`    after ${Math.round(goneMs)} ms: ${faults.join(', ')}`)
  }
}

async function once(graceSeconds: number): Promise<SmallBudgetRound> {
  const cleanups: (() => unknown)[] = []
  try {
    const after = (cleanup: () => unknown): void => void cleanups.push(cleanup)
    return await playSmallBudget({ signal: AbortSignal.timeout(60_000), after }, graceSeconds)
  } catch (error) {
    return { goneMs: Number.NaN, faults: [String((error as Error).message).slice(0, 200)] }
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}
