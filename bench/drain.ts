import process from 'node:process'
import { parseArgs } from 'node:util'
import { playRound } from './drain/round.ts'
import { ROWS, type Row } from './drain/rows.ts'
import { startServer } from './drain/start-server.ts'
import { heading } from './machine.ts'

// How many requests does a stop lose? A server under load gets SIGTERM at a random moment, and its clients count what they
// see: lost is a reset, an empty or a cut answer on a connection that the kernel had accepted. Peers in the same run, each
// round of one beside the same round of the others. Fails where lastcall lost any, other than in a row that says why.
// With DEBUG set, what lastcall's server said in a round that lost any is printed, too.
// node --import tsx bench/drain.ts [--rounds N] [--row PART…] [--peers NAME,…|none] [--seed N]
const PEERS = ['close', 'terminus', 'stoppable', 'http-terminator', 'http-graceful-shutdown']
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    row: { type: 'string', multiple: true, default: [] },
    peers: { type: 'string', default: PEERS.join() },
    seed: { type: 'string', default: '1' },
  },
})
const rounds = Number(values.rounds)
const peers = values.peers === 'none' ? [] : values.peers.split(',')
const rows = ROWS.filter(({ name }) => values.row.length === 0 || values.row.some((part) => name.includes(part)))
const unknown = peers.filter((peer) => !PEERS.includes(peer))
if (unknown.length > 0 || rows.length === 0 || !(rounds >= 1)) {
  console.error(`no such peer, row or number of rounds: ${process.argv.slice(2).join(' ')}`)
  console.error(`peers: none, or of ${PEERS.join()}\nrows: ${ROWS.map(({ name }) => name).join('; ')}`)
  process.exit(2)
}

/** All rounds of one drain in one row. */
class Figures {
  lost = 0
  roundsThatLost = 0
  killed = 0
  refused = 0
  dropped = 0
  resets = 0
  answered = 0
  lostBefore = 0
  readonly exitMs: number[] = []
  readonly errors: string[] = []
  /** Of each round that lost any. */
  readonly details: string[] = []
  readonly losses = new Map<string, number>()

  /** A server that does not start, or a load that does not run: said, and no reason to stop the rest. */
  async tryOnce(drain: string, row: Row, seed: number): Promise<void> {
    try {
      await this.#play(drain, row, seed)
    } catch (error) {
      this.errors.push(`seed ${seed}: ${(error as Error).message.slice(0, 300)}`)
    }
  }

  async #play(drain: string, row: Row, seed: number): Promise<void> {
    const server = await startServer(drain, row.server)
    const isTls = row.server.protocol === 'https'
    const { tally, lostBefore, exitMs, wasKilled, stallMs } = await playRound(server, {
      ...row,
      crowds: row.crowds(),
      isTls,
      seed,
    })
    this.lost += tally.lost
    this.roundsThatLost += tally.lost > 0 ? 1 : 0
    this.killed += wasKilled ? 1 : 0
    this.refused += tally.refused
    this.dropped += tally.dropped
    this.resets += tally.resets
    this.answered += tally.answered
    this.lostBefore += lostBefore
    this.exitMs.push(exitMs)
    if (tally.lost > 0) {
      this.details.push(`seed ${seed}: lost ${tally.lost}; the clients stood still for up to ${Math.round(stallMs)} ms`)
      if (process.env.DEBUG) this.details.push(server.said())
    }
    for (const [why, many] of tally.losses) this.losses.set(why, (this.losses.get(why) ?? 0) + many)
  }

  toString(): string {
    if (this.exitMs.length === 0) return 'did not run'
    const exits = this.exitMs.map((ms) => Math.round(ms)).sort((a, b) => a - b)
    const median = exits[Math.floor(exits.length / 2)]
    const killed = this.killed > 0 ? `; killed in ${this.killed}` : ''
    const resets = this.resets > 0 ? `; ${this.resets} idle reset` : ''
    const before = this.lostBefore > 0 ? `; ${this.lostBefore} lost before SIGTERM` : ''
    return (
      `lost ${this.lost} (${this.roundsThatLost}/${this.exitMs.length} rounds) of ${this.answered + this.lost}; exit ${exits[0]}–${exits.at(-1)} ms, median ${median}${killed}; ` +
      `refused ${this.refused}, dropped ${this.dropped}${resets}${before}`
    )
  }
}

console.log(heading(`node --import tsx bench/drain.ts ${process.argv.slice(2).join(' ')}`.trim()))
let failed = 0
for (const row of rows) {
  console.log(`\n${row.name}${row.impossible ? ` (may lose: ${row.impossible})` : ''}`)
  const figures = new Map(['lastcall', ...(row.alone ? [] : peers)].map((drain) => [drain, new Figures()]))
  for (let round = 0; round < rounds; round++) {
    for (const [drain, own] of figures) await own.tryOnce(drain, row, Number(values.seed) + round)
  }
  for (const [drain, own] of figures) {
    console.log(`  ${drain.padEnd(24)}${own}`)
    for (const error of own.errors) console.log(`  ${' '.repeat(24)}${error}`)
  }
  const own = figures.get('lastcall') as Figures
  if (own.lost === 0 && own.killed === 0 && own.errors.length === 0) continue
  for (const [why, many] of own.losses) console.log(`  lastcall lost ${many}: ${why}`)
  for (const detail of own.details) console.log(`  lastcall, ${detail}`)
  if (!row.impossible || own.errors.length > 0) failed += 1
}
if (failed > 0) {
  console.log(`\nlastcall lost requests in ${failed} of ${rows.length} rows, or did not run: none has to be lost there`)
  process.exitCode = 1
}
