import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createShutdown, type Report, type ServerReport, type Shutdown, type ShutdownOptions } from '../../lib/index.ts'
import type { TestContext } from './suite.ts'
import { until } from './until.ts'

/** A shutdown in the test's own process, which it does not end. */
export function shutdownHere(t: TestContext, options: ShutdownOptions = {}): Shutdown {
  const shutdown = createShutdown({ exit: false, logger: () => {}, watchdog: false, ...options })
  t.after(() => shutdown.dispose())
  return shutdown
}

/** Listens on a free port of loopback; returns it. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A bare connection that has sent `text`; `received` is what has come. */
export async function rawClient(t: TestContext, port: number, text: string): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  const client = { socket, received: '', ended: false }
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  socket.on('data', (chunk: string) => (client.received += chunk))
  socket.on('end', () => (client.ended = true))
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return client
}

export interface RawClient {
  readonly socket: Socket
  readonly received: string
  readonly ended: boolean
}

export function upgradeRequest(protocol = 'websocket'): string {
  const webSocket = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  return `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${webSocket}\r\n`
}

export async function hasReceived(client: RawClient, text: string): Promise<void> {
  await until(
    `the client has received ${text}`,
    () => client.received,
    (all) => all.includes(text),
  )
}

export function serverNamed(report: Report, name: string): ServerReport {
  const found = report.servers.find((server) => server.name === name)
  if (!found) throw new Error(`no server ${name} in ${JSON.stringify(report.servers)}`)
  return found
}

/** What went wrong, on the few lines that a failed assertion shows. */
export function failures(report: Report): string[] {
  return report.hooks.filter(({ outcome }) => outcome !== 'done').map(({ name, outcome }) => `${name} ${outcome}`)
}
