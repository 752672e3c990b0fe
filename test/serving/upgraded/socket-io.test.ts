import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { io as connectTo, type Socket } from 'socket.io-client'
import * as assert from 'uvu/assert'
import { failures, hasReceived, listen, rawClient, serverNamed, shutdownHere } from '../../support/serving.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

interface Client {
  readonly socket: Socket
  readonly disconnected: Promise<{ reason: string; code: number | undefined }>
  readonly retried: Promise<unknown>
}

async function client(t: TestContext, port: number, transport: 'websocket' | 'polling'): Promise<Client> {
  const socket = connectTo(`http://127.0.0.1:${port}`, {
    transports: [transport],
    reconnectionDelay: 10,
    forceNew: true,
  })
  t.after(() => socket.disconnect())
  const disconnected = new Promise<{ reason: string; code: number | undefined }>((resolve) => {
    socket.on('disconnect', (reason, details) => {
      const close = details as { context?: { code?: number } } | undefined
      resolve({ reason, code: close?.context?.code })
    })
  })
  const retried = new Promise((resolve) => socket.io.once('reconnect_attempt', resolve))
  await once(socket as unknown as NodeJS.EventEmitter, 'connect')
  return { socket, disconnected, retried }
}

async function serve(t: TestContext) {
  const http = createServer((_request, response) => response.end('ok'))
  const io = new Server(http)
  t.after(() => io.close())
  return { http, io, port: await listen(t, http) }
}

for (const transport of ['websocket', 'polling'] as const) {
  test(`${transport}: clients get what was emitted last, see the end, and connect again`, async (t) => {
    const { io, port } = await serve(t)
    const shutdown = shutdownHere(t)
    shutdown.server(io)
    const { socket, disconnected, retried } = await client(t, port, transport)
    const heard: string[] = []
    for (const word of ['one', 'two', 'three']) socket.on(word, () => heard.push(word))
    for (const word of ['one', 'two', 'three']) io.emit(word, 'x'.repeat(50_000))
    const report = await shutdown.begin('test')
    const { reason, code } = await disconnected
    await retried
    assert.equal(
      [reason, code, heard],
      ['transport close', transport === 'websocket' ? 1001 : undefined, ['one', 'two', 'three']],
    )
    assert.equal(failures(report), [])
    assert.ok(report.durationMs < 2_000, `${report.durationMs} ms`)
    const { kind, connections } = serverNamed(report, 'socket.io server')
    assert.equal([kind, connections.webSockets], ['socket.io', transport === 'websocket' ? 1 : undefined])
  })
}

test('registered before it is attached, and beside its http server', async (t) => {
  const io = new Server()
  t.after(() => io.close())
  const http = createServer()
  const shutdown = shutdownHere(t)
  shutdown.server(io)
  shutdown.server(http)
  io.attach(http)
  const port = await listen(t, http)
  const { disconnected } = await client(t, port, 'websocket')
  const report = await shutdown.begin('test')
  assert.equal([(await disconnected).reason, failures(report)], ['transport close', []])
})

test('only the http server is registered: its WebSockets are told', async (t) => {
  const { http, port } = await serve(t)
  const shutdown = shutdownHere(t)
  shutdown.server(http)
  const { disconnected, retried } = await client(t, port, 'websocket')
  const report = await shutdown.begin('test')
  await retried
  assert.equal([await disconnected, failures(report)], [{ reason: 'transport close', code: 1001 }, []])
})

test('a new session is refused in drain, with 503', async (t) => {
  const { io, port } = await serve(t)
  const shutdown = shutdownHere(t)
  shutdown.server(io)
  const request = 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const raw = await rawClient(t, port, request.slice(0, 20))
  await until('the server has the connection', () => fetch(`http://127.0.0.1:${port}`).then(({ ok }) => ok))
  shutdown.hook(
    'the other half',
    async () => {
      raw.socket.write(request.slice(20))
      await hasReceived(raw, '503 Service Unavailable')
    },
    { phase: 'drain' },
  )
  const report = await shutdown.begin('test')
  assert.equal([failures(report), serverNamed(report, 'socket.io server').refusedLate], [[], 1])
})

test('a client that polls no more does not hold it', async (t) => {
  const { io, port } = await serve(t)
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 60 })
  shutdown.server(io)
  const handshake = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`)
  assert.match(await handshake.text(), /"sid"/)
  const report = await shutdown.begin('test')
  assert.equal([failures(report), io.engine.clientsCount], [[], 0])
  assert.ok(report.durationMs < 8_000, `${report.durationMs} ms`)
})

test('with a port of its own', async (t) => {
  const io = new Server(0)
  t.after(() => io.close())
  const shutdown = shutdownHere(t)
  shutdown.server(io)
  const { httpServer } = io as unknown as { httpServer: { address(): AddressInfo } }
  const { port } = await until('it listens', () => httpServer.address())
  const { disconnected } = await client(t, port, 'polling')
  const report = await shutdown.begin('test')
  assert.equal([(await disconnected).reason, failures(report)], ['transport close', []])
  assert.is(serverNamed(report, 'socket.io server').address?.endsWith(`:${port}`), true)
})
