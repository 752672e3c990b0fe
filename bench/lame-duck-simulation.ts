import { parseArgs } from 'node:util'
import { fixed, playRound, theRule } from './lame-duck/play.ts'
import { KINDS, ROUTINGS } from './lame-duck/traffic.ts'
import { heading } from './machine.ts'

// How long is a lame duck worth its time? Rollouts are drawn event by event, 2 to 10 minutes of traffic before SIGTERM, and
// the end is decided by lastcall's own rule, or at a fixed time. A cell: % of the rollouts in which a connection was
// refused / connections refused a rollout / seconds wasted behind the last one, where none was. A grace period of 30 s.
// node --import tsx bench/lame-duck-simulation.ts [--rounds N] [--seed N]
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' } },
})
const ENDS = {
  'fixed 5 s': fixed(5_000),
  'fixed 10 s': fixed(10_000),
  'the rule': theRule(30),
  'the rule, 60 s': theRule(60),
}

/** The same numbers for each end: mulberry32. */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

console.log(heading(`node --import tsx bench/lame-duck-simulation.ts ${process.argv.slice(2).join(' ')}`.trim()))
for (const [routing, stop] of Object.entries(ROUTINGS)) {
  console.log(
    `\nrouting lets go: ${routing}\n${''.padEnd(42)}${Object.keys(ENDS)
      .map((name) => name.padEnd(24))
      .join('')}`,
  )
  for (const { name, routers, isHeavy } of KINDS) {
    const rounds = Math.ceil(Number(values.rounds) / (isHeavy ? 4 : 1))
    const cells = Object.values(ENDS).map((end) => {
      const all = Array.from({ length: rounds }, (_, n) =>
        playRound({ name, routers }, stop, end, chances(Number(values.seed) * 1e6 + n)),
      )
      const lost = all.filter(({ refused }) => refused > 0).length
      const refused = all.reduce((sum, one) => sum + one.refused, 0) / rounds
      const wasted = all.flatMap((one) => one.wasted ?? [])
      const mean = wasted.length === 0 ? '-' : (wasted.reduce((sum, one) => sum + one, 0) / wasted.length).toFixed(1)
      return `${((100 * lost) / rounds).toFixed(1)} / ${refused.toFixed(2)} / ${mean}`
    })
    console.log(`${name.padEnd(42)}${cells.map((cell) => cell.padEnd(24)).join('')}`)
  }
}
