import { connect, type Socket } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type BenchServer, startServer } from './drain/start-server.ts'
import { heading } from './machine.ts'

// What does an idle connection hold, and how soon are ten thousand of them ended? Fails where the last one ends later than
// 500 ms after idleMs has passed, or where a client saw a reset.
// node --import tsx bench/idle-connections.ts [--connections N] [--rounds N] [--peers NAME,…|none]
const PEERS = 'terminus,stoppable,http-terminator,http-graceful-shutdown'
const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    peers: { type: 'string', default: PEERS },
  },
})
const connections = Number(values.connections)
const IDLE_MS = 100
const MOST_MS = 500
const SAYS_MEMORY = ['--expose-gc', '--import', fileURLToPath(new URL('./throughput/says-memory.js', import.meta.url))]
/** A server's queue takes 511: so many connect at once, and no SYN is dropped. */
const AT_ONCE = 200

interface Clients {
  /** Resolves with the number of resets when all are over. */
  readonly over: Promise<number>
}

/** Each has been answered once. */
async function openAll(port: number): Promise<Clients> {
  const ends: Promise<boolean>[] = []
  for (let left = connections; left > 0; left -= AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(left, AT_ONCE) }, async () => {
        const socket = await answered(port)
        ends.push(new Promise((resolve) => socket.once('close', (hadError) => resolve(hadError))))
      }),
    )
  }
  return { over: Promise.all(ends).then((all) => all.filter((wasReset) => wasReset).length) }
}

function answered(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    socket.once('error', reject)
    socket.once('data', () => {
      socket.off('error', reject).on('error', () => {})
      resolve(socket.resume())
    })
  })
}

async function memory(server: BenchServer): Promise<{ rss: number; held: number }> {
  const line = server.nextLine()
  process.kill(server.pid, 'SIGUSR2')
  return JSON.parse(await line)
}

async function play(drain: string) {
  // Longer than Node's 5 s, so that no connection ends while others are still being opened.
  const server = await startServer(drain, { protocol: 'http', idleMs: IDLE_MS, keepAliveMs: 120_000 }, SAYS_MEMORY)
  const before = await memory(server)
  const { over } = await openAll(server.port)
  const after = await memory(server)
  const sentAt = performance.now()
  server.kill(drain === 'none' ? 'SIGKILL' : 'SIGTERM')
  const resets = await over
  const endedMs = performance.now() - sentAt
  await server.exited
  const exitMs = performance.now() - sentAt
  const each = (bytes: number): number => bytes / connections / 1_024
  return { held: each(after.held - before.held), rss: each(after.rss - before.rss), endedMs, exitMs, resets }
}

console.log(heading(`node --import tsx bench/idle-connections.ts ${process.argv.slice(2).join(' ')}`.trim()))
console.log(`${connections} idle connections, ${values.rounds} rounds; a plain server is killed`)
const range = (numbers: readonly number[], digits = 0): string =>
  `${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)}`
const results = new Map<string, Awaited<ReturnType<typeof play>>[]>()
const drains = ['none', 'lastcall', ...(values.peers === 'none' ? [] : values.peers.split(','))]
for (let round = 0; round < Number(values.rounds); round++) {
  for (const drain of drains) results.set(drain, [...(results.get(drain) ?? []), await play(drain)])
}
for (const [drain, all] of results) {
  const resets = all.reduce((sum, one) => sum + one.resets, 0)
  const rest = drain === 'lastcall' ? `, ${range(all.map(({ endedMs }) => endedMs - IDLE_MS))} ms after idleMs` : ''
  console.log(
    `  ${(drain === 'none' ? 'a plain server' : drain).padEnd(24)}${range(
      all.map((one) => one.held),
      2,
    )} KiB held each, ` +
      `${range(
        all.map((one) => one.rss),
        2,
      )} of RSS` +
      (drain === 'none'
        ? ''
        : `; all ended after ${range(all.map((one) => one.endedMs))} ms${rest}, exit after ${range(all.map((one) => one.exitMs))} ms; ${resets} reset`),
  )
  const isLate = all.some(({ endedMs }) => endedMs - IDLE_MS > MOST_MS)
  if (drain === 'lastcall' && (isLate || resets > 0)) process.exitCode = 1
}
