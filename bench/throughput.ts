import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startServer } from './drain/start-server.ts'
import { heading } from './machine.ts'
import { type Kind, steadyLoad } from './throughput/steady-load.ts'

// What does a registered server pay per request, long before any stop? In each round all servers run, and are asked in turn
// for a moment, again and again, so that whatever slows the machine slows all of them; each slice is compared with the plain
// server's slice beside it. Fails where lastcall's median of requests a second is below 0.99 of it.
// node --import tsx bench/throughput.ts [--rounds N] [--slices N] [--peers NAME,…|none] [--cluster]
// --cluster: in the environment of a Kubernetes cluster, where lastcall watches who connects.
const PEERS = 'terminus,stoppable,http-terminator,http-graceful-shutdown'
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    slices: { type: 'string', default: '10' },
    peers: { type: 'string', default: PEERS },
    cluster: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const environment: Record<string, string> = values.cluster ? { KUBERNETES_SERVICE_HOST: '10.96.0.1' } : {}
const CLIENTS = 32
const WARM_MS = 500
const SLICE_MS = 100
const LEAST = 0.99
const KINDS: readonly Kind[] = ['keep-alive', 'a connection per request']
const drains = ['none', 'lastcall', ...(values.peers === 'none' ? [] : values.peers.split(','))]

/** One server in one round. */
interface Speed {
  /** Of each slice. */
  readonly perSecond: readonly number[]
  /** CPU of the server, all threads: what else runs on the machine changes it far less. */
  readonly cpuMicroseconds: number
}

async function playRound(kind: Kind, order: readonly string[]): Promise<Map<string, Speed>> {
  const running = await Promise.all(
    order.map(async (drain) => ({
      drain,
      server: await startServer(drain, { protocol: 'http' }, [], environment),
      slices: [] as { answers: number; ms: number }[],
    })),
  )
  for (const { server } of running) await steadyLoad(server.port, kind, { clients: CLIENTS, ms: WARM_MS })
  const cpuBefore = running.map(({ server }) => cpuNanoseconds(server.pid))
  for (let slice = 0; slice < Number(values.slices); slice++) {
    for (const one of running) {
      const startedAt = performance.now()
      const answers = await steadyLoad(one.server.port, kind, { clients: CLIENTS, ms: SLICE_MS })
      one.slices.push({ answers, ms: performance.now() - startedAt })
    }
  }
  const speeds = running.map(({ drain, server, slices }, n): [string, Speed] => {
    const answers = slices.reduce((sum, slice) => sum + slice.answers, 0)
    const cpu = cpuNanoseconds(server.pid) - (cpuBefore[n] as number)
    return [
      drain,
      { perSecond: slices.map((one) => one.answers / (one.ms / 1_000)), cpuMicroseconds: cpu / 1_000 / answers },
    ]
  })
  for (const { server } of running) server.kill('SIGKILL')
  await Promise.all(running.map(({ server }) => server.exited))
  return new Map(speeds)
}

/** Of all threads, from /proc/PID/task/TID/schedstat. */
function cpuNanoseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const each = threads.map((tid) => readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1').split(' ')[0])
  return each.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0)
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

console.log(heading(`node --import tsx bench/throughput.ts ${process.argv.slice(2).join(' ')}`.trim()))
for (const kind of KINDS) {
  const played: Map<string, Speed>[] = []
  for (let round = 0; round < rounds; round++) {
    const first = round % drains.length
    played.push(await playRound(kind, [...drains.slice(first), ...drains.slice(0, first)]))
  }
  const speedsOf = (drain: string): Speed[] => played.map((round) => round.get(drain) as Speed)
  const plain = speedsOf('none')
  console.log(
    `\n${kind}, ${CLIENTS} clients: medians of ${rounds * Number(values.slices)} slices in ${rounds} rounds, each beside a plain server's`,
  )
  for (const drain of drains) {
    const own = speedsOf(drain)
    const each = own.flatMap(({ perSecond }) => perSecond)
    const plainEach = plain.flatMap(({ perSecond }) => perSecond)
    const ratios = each.map((perSecond, slice) => perSecond / (plainEach[slice] as number)).sort((a, b) => a - b)
    const cpu = own.map(({ cpuMicroseconds }, round) => cpuMicroseconds / (plain[round] as Speed).cpuMicroseconds)
    const quarters = [1, 3].map((quarter) => ratios[Math.floor((ratios.length * quarter) / 4)]?.toFixed(3)).join('–')
    const name = drain === 'none' ? 'a plain server' : drain
    console.log(
      `  ${name.padEnd(24)}${String(Math.round(median(each))).padStart(6)} requests/s = ${median(ratios).toFixed(3)} ` +
        `(half of them ${quarters}); CPU a request × ${median(cpu).toFixed(3)}`,
    )
    if (drain === 'lastcall' && median(ratios) < LEAST) process.exitCode = 1
  }
}
