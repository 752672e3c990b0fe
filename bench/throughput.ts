import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startServer } from './drain/start-server.ts'
import { heading } from './machine.ts'
import { type Kind, steadyLoad } from './throughput/steady-load.ts'

// What does a registered server pay per request, long before any stop? In each round each server is started, warmed and
// asked for a while, in an order that turns; compared is with the plain server of the same round. Fails where lastcall's
// median of requests a second is below 0.99 of it.
// node --import tsx bench/throughput.ts [--rounds N] [--ms N] [--peers NAME,…|none]
const PEERS = 'terminus,stoppable,http-terminator,http-graceful-shutdown'
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '1500' },
    peers: { type: 'string', default: PEERS },
  },
})
const rounds = Number(values.rounds)
const CLIENTS = 32
const WARM_MS = 500
const LEAST = 0.99
const KINDS: readonly Kind[] = ['keep-alive', 'a connection per request']
const drains = ['none', 'lastcall', ...(values.peers === 'none' ? [] : values.peers.split(','))]

interface Speed {
  readonly perSecond: number
  /** CPU of the server, all threads: what else runs on the machine changes it far less. */
  readonly cpuMicroseconds: number
}

async function measure(drain: string, kind: Kind): Promise<Speed> {
  const server = await startServer(drain, { protocol: 'http' })
  await steadyLoad(server.port, kind, { clients: CLIENTS, ms: WARM_MS })
  const cpuBefore = cpuTicks(server.pid)
  const startedAt = performance.now()
  const answers = await steadyLoad(server.port, kind, { clients: CLIENTS, ms: Number(values.ms) })
  const seconds = (performance.now() - startedAt) / 1_000
  const cpuMicroseconds = ((cpuTicks(server.pid) - cpuBefore) * 10_000) / answers
  server.kill('SIGKILL')
  await server.exited
  return { perSecond: answers / seconds, cpuMicroseconds }
}

/** utime and stime of /proc/PID/stat, in hundredths of a second: proc_pid_stat(5). */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  return user + system
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

console.log(heading(`node --import tsx bench/throughput.ts ${process.argv.slice(2).join(' ')}`.trim()))
for (const kind of KINDS) {
  const speeds = new Map(drains.map((drain) => [drain, [] as Speed[]]))
  for (let round = 0; round < rounds; round++) {
    const order = [...drains.slice(round % drains.length), ...drains.slice(0, round % drains.length)]
    for (const drain of order) speeds.get(drain)?.push(await measure(drain, kind))
  }
  const plain = speeds.get('none') as Speed[]
  console.log(`\n${kind}, ${CLIENTS} clients: medians of ${rounds} rounds, each beside the plain server of its round`)
  for (const [drain, own] of speeds) {
    const ratios = own.map(({ perSecond }, round) => perSecond / (plain[round] as Speed).perSecond)
    const cpu = own.map(({ cpuMicroseconds }, round) => cpuMicroseconds / (plain[round] as Speed).cpuMicroseconds)
    const perSecond = Math.round(median(own.map((speed) => speed.perSecond)))
    const name = drain === 'none' ? 'a plain server' : drain
    console.log(
      `  ${name.padEnd(24)}${String(perSecond).padStart(6)} requests/s = ${median(ratios).toFixed(3)} ` +
        `(${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)}); CPU a request × ${median(cpu).toFixed(3)}`,
    )
    if (drain === 'lastcall' && median(ratios) < LEAST) process.exitCode = 1
  }
}
