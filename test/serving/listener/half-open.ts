import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../../../bench/drain/start-server.ts'

// In a network of its own: node --import tsx half-open.ts comes|stays-away.
// A client has sent its SYN, and the last step of its handshake is on the way when the server stops: a firewall holds it up.
const CLIENT_PORT = 41_000
const HELD_UP_MS = 100

const server = await startServer('lastcall', { protocol: 'http' })
const firewall = (change: '-A' | '-D'): void => {
  const fromClient = ['-p', 'tcp', '--sport', String(CLIENT_PORT), '--dport', String(server.port)]
  execFileSync('iptables', [change, 'INPUT', ...fromClient, '!', '--syn', '-j', 'DROP'])
}
firewall('-A')
const client = connect({ port: server.port, host: '127.0.0.1', localPort: CLIENT_PORT }).setEncoding('latin1')
let answer = ''
client.on('data', (text) => (answer += text)).on('error', (error) => (answer += error.message))
await once(client, 'connect')
client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

const closed = new Promise((resolve) => client.once('close', resolve))
const stoppedAt = performance.now()
server.kill('SIGTERM')
if (process.argv[2] === 'comes') {
  await sleep(HELD_UP_MS)
  firewall('-D')
  await closed
}
const [code] = (await server.exited) as [number | null]
client.destroy()
console.log(JSON.stringify({ code, answer: answer.split('\r\n')[0], exitMs: performance.now() - stoppedAt }))
