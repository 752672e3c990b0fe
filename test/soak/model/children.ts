import type { ChildReport } from '../../../lib/hooks/findings.ts'
import type { Report } from '../../../lib/report/report.ts'
import { type ChildPlan, endsInAll, type Plan } from '../plan.ts'
import type { Entry, Seen } from '../play.ts'
import { NOISE_MS } from './noise.ts'

/** Who belongs to a child's tree, by the name that it has in the journal. */
const TREES: Record<ChildPlan['does'], readonly string[]> = {
  obeys: [''],
  ignores: [''],
  forks: ['', '.1', '.2', '.3'],
  daemonises: ['', '.d'],
  'daemonises deaf': ['', '.d'],
}

/** Each child's row: whom the children themselves heard of, how the first of them ended, and who had to be killed. */
export function childFaults(plan: Plan, { journal }: Seen, report: Report): string[] {
  return plan.children.flatMap((child) => {
    const about = (one: string): string => `${child.name} (${child.does}): ${one}`
    const hook = report.hooks.find(({ name }) => name === child.name)
    const tree = TREES[child.does].map((suffix) => `${child.name}${suffix}`)
    const told = tree.map((who) => journal.filter((one) => one.who === who && one.what === 'told').length)
    const twice = told.some((times) => times > 1) ? [about(`told ${told} times`)] : []
    if (child.ends) return [...twice, ...runFaults(child, plan, journal).map(about)]
    // The stop was cut short, or came when the tree was not there yet.
    const isWhole = hook?.outcome === 'done' || hook?.outcome === 'timed out'
    if (!isWhole || !listenedBefore(tree, journal)) return twice
    const row = report.children.find(({ name }) => name === child.name)
    if (!row) return [...twice, about('no row')]
    return [...twice, ...rowFaults(child, row, told, hook.limitMs).map(about)]
  })
}

function rowFaults(child: ChildPlan, row: ChildReport, told: readonly number[], limitMs: number): string[] {
  const isDeaf = child.does === 'ignores' || child.does === 'daemonises deaf'
  const first = `${row.code ?? row.signal}`
  const faults: string[] = []
  if (new Set(row.told.map(({ pid }) => pid)).size !== row.told.length) faults.push('somebody was told twice')
  // Who ignores the signal is not told, it would be for nothing.
  if (row.told.some(({ pid }) => pid === row.pid) === (child.does === 'ignores'))
    faults.push(`told: ${row.told.length}`)
  if (child.does === 'ignores' && first !== 'SIGKILL') faults.push(`ended by ${first}`)
  if (row.code === null && row.signal === null) faults.push('has no end')
  if (isDeaf) {
    // On a busy machine the report may be written in the middle of the kill; that nobody is left is seen from outside.
    if (row.killed !== 1 && row.durationMs > 0) faults.push(`${row.killed} killed`)
    return faults
  }
  // One after the other at the worst: those that are left behind are told when the first has gone.
  const needs = child.ms * 2 + NOISE_MS / 2
  if (needs > Math.min(child.stopTimeoutMs ?? Infinity, limitMs * 0.9)) return faults
  if (row.killed > 0) faults.push(`${row.killed} killed`)
  if (first !== '0') faults.push(`ended by ${first}`)
  if (told.some((times) => times !== 1)) faults.push(`told ${told} times`)
  return faults
}

/** One that ends by itself: as many runs as its policy wants, in drain too, and none once the children have been stopped. */
function runFaults(child: ChildPlan, plan: Plan, journal: readonly Entry[]): string[] {
  const later = plan.hooks.filter(({ phase }) => phase === 'close' || phase === 'flush').map(({ name }) => name)
  const over = journal.findIndex(({ who, what }) => later.includes(who) && what === 'starts')
  const told = journal.findIndex(({ who, what }) => who === child.name && what === 'told')
  const of = (what: string, from = 0): number =>
    journal.slice(from).filter((one) => one.who === child.name && one.what === what).length
  const faults: string[] = []
  if (of('listens') > Math.min(endsInAll(child), of('falls') + 1)) faults.push(`${of('listens')} runs`)
  if (over >= 0 && of('listens', over) > 0) faults.push('a run when its phase was over')
  if (told >= 0 && of('listens', told) > 0) faults.push('a run after it was told to end')
  return faults
}

function listenedBefore(tree: readonly string[], journal: readonly Entry[]): boolean {
  const begins = journal.findIndex(({ who, what }) => who === 'app' && what === 'begins')
  const listen = journal.slice(0, begins).filter(({ what }) => what === 'listens')
  return tree.every((who) => listen.some((one) => one.who === who))
}
