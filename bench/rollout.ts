import process from 'node:process'
import { parseArgs } from 'node:util'
import { startServer } from './drain/start-server.ts'
import { heading } from './machine.ts'
import { type Rollout, rollOut } from './rollout/roll-out.ts'
import { LOADS, type Load } from './rollout/routed.ts'

// What does a rollout lose while routing lags behind? Sources with addresses of their own send to a pod that gets SIGTERM,
// and let go one after the other, the last after the whole lag. lastcall with its default options in a cluster's
// environment; beside it, at the same time, peers that serve on for a fixed time first, as their users write it by hand.
// Fails where a client of lastcall was refused or lost a request.
// node --import tsx bench/rollout.ts [--rounds N] [--lag SECONDS…] [--load PART…] [--warm SECONDS] [--delay SECONDS] [--peers NAME,…|none]
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    lag: { type: 'string', multiple: true, default: ['1.5', '5'] },
    load: { type: 'string', multiple: true, default: [] },
    warm: { type: 'string', default: '2' },
    delay: { type: 'string', default: '5' },
    peers: { type: 'string', default: 'terminus,stoppable,http-terminator,http-graceful-shutdown' },
    seed: { type: 'string', default: '1' },
  },
})
const peers = values.peers === 'none' ? [] : values.peers.split(',')

async function once(drain: string, load: Load, lagMs: number, seed: number): Promise<Rollout> {
  const wish = { protocol: 'http', handlerMs: 20, delayMs: Number(values.delay) * 1_000, keepAliveMs: 60_000 } as const
  const server = await startServer(drain, wish, [], { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
  return rollOut(server, { load, lagMs, seed, warmMs: Number(values.warm) * 1_000 })
}

console.log(heading(`node --import tsx bench/rollout.ts ${process.argv.slice(2).join(' ')}`.trim()))
for (const lag of values.lag) {
  for (const load of LOADS.filter(({ name }) => values.load.every((part) => name.includes(part)))) {
    console.log(`\nrouting lags ${lag} s; ${load.name}`)
    const drains = ['lastcall', ...peers]
    const all = new Map(drains.map((drain) => [drain, [] as Rollout[]]))
    for (let round = 0; round < Number(values.rounds); round++) {
      const seed = Number(values.seed) + round
      await Promise.all(
        drains.map(async (drain) => all.get(drain)?.push(await once(drain, load, Number(lag) * 1_000, seed))),
      )
    }
    for (const [drain, rollouts] of all) {
      const sum = (of: 'lost' | 'refused' | 'answered' | 'dropped'): number =>
        rollouts.reduce((total, { tally }) => total + tally[of], 0)
      const seconds = rollouts.map((one) => one.seconds)
      const range = `${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`
      const name = drain === 'lastcall' ? drain : `${drain}, ${values.delay} s`
      console.log(
        `  ${name.padEnd(30)}lost ${sum('lost')}, refused ${sum('refused') + sum('dropped')} of ${sum('answered') + sum('lost')}; ${range}`,
      )
      for (const { tally } of rollouts) for (const [why, many] of tally.losses) console.log(`    ${many}: ${why}`)
      if (drain === 'lastcall' && sum('lost') + sum('refused') + sum('dropped') > 0) process.exitCode = 1
    }
  }
}
