import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import * as assert from 'uvu/assert'
import { WebSocket, WebSocketServer } from 'ws'
import {
  failures,
  hasReceived,
  listen,
  rawClient,
  serverNamed,
  shutdownHere,
  upgradeRequest,
} from '../../support/serving.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { openWebSocket } from '../../support/web-socket-client.ts'

/** Only the http server is registered: nobody tells us of the WebSockets on it. */
async function serve(t: TestContext, options = {}): Promise<{ port: number; wss: WebSocketServer }> {
  const server = createServer()
  return { port: await listen(t, server), wss: new WebSocketServer({ server, ...options }) }
}

test('clients of an http server are told 1001 with a reason, and go', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  new WebSocketServer({ server, clientTracking: false })
  const shutdown = shutdownHere(t)
  shutdown.server(server)
  const clients = [await openWebSocket(t, port), await openWebSocket(t, port), await openWebSocket(t, port)]
  const report = await shutdown.begin('test')
  const ends = await Promise.all(clients.map(({ closed }) => closed))
  assert.equal(new Set(ends.map(({ code, reason }) => `${code} ${reason}`)), new Set(['1001 going away']))
  assert.equal([failures(report), serverNamed(report, 'http server').connections.webSockets], [[], 3])
})

test('the reason is the one of the options', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  new WebSocketServer({ server })
  const shutdown = shutdownHere(t)
  shutdown.server(server, { closeReason: 'new version' })
  const { closed } = await openWebSocket(t, port)
  await shutdown.begin('test')
  assert.is((await closed).reason, 'new version')
})

test('what was sent before is received before the close', async (t) => {
  const { port, wss } = await serve(t)
  const shutdown = shutdownHere(t)
  shutdown.server(wss)
  const { socket, closed } = await openWebSocket(t, port)
  const bytes: number[] = []
  socket.on('message', (data: Buffer) => bytes.push(data.length))
  for (const one of wss.clients) for (let n = 0; n < 20; n++) one.send(Buffer.alloc(1_000_000))
  await shutdown.begin('test')
  assert.equal([(await closed).code, bytes.length], [1001, 20])
})

test('more than a hundred are told one after the other, over the first quarter of drain', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  new WebSocketServer({ server })
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 4 })
  let drainMs = 0
  shutdown.server(server)
  shutdown.hook(
    'clock',
    ({ remainingMs }) => {
      drainMs = remainingMs()
    },
    { phase: 'drain' },
  )
  const clients = await Promise.all(Array.from({ length: 150 }, () => openWebSocket(t, port)))
  const report = await shutdown.begin('test')
  const ends = await Promise.all(clients.map(({ closed }) => closed))
  const times = ends.map(({ atMs }) => atMs).sort((a, b) => a - b)
  const overMs = (times.at(-1) as number) - (times[0] as number)
  assert.ok(overMs > drainMs / 8, `told within ${overMs} ms of ${drainMs}`)
  assert.ok(ends.every(({ code }) => code === 1001))
  assert.is(serverNamed(report, 'http server').connections.webSockets, 150)
})

test('a hundred are told at once', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  const wss = new WebSocketServer({ server })
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 40 })
  shutdown.server(server)
  await Promise.all(Array.from({ length: 100 }, () => openWebSocket(t, port)))
  let untold: number | undefined
  const [first] = wss.clients
  assert.ok(first)
  const { close } = first
  first.close = (...given) => {
    close.apply(first, given)
    // The others' turn is the same one of the event loop.
    queueMicrotask(() => {
      untold = [...wss.clients].filter(({ readyState }) => readyState === WebSocket.OPEN).length
    })
  }
  const report = await shutdown.begin('test')
  assert.equal([untold, failures(report)], [0, []])
})

test('a client that was told and answers nothing is destroyed after three seconds, and costs nobody the drain', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  new WebSocketServer({ server })
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 60 })
  shutdown.server(server)
  const raw = await rawClient(t, port, upgradeRequest())
  await hasReceived(raw, '101 Switching')
  const report = await shutdown.begin('test')
  assert.ok(raw.received.endsWith('\x03\xe9going away'), 'it was told')
  assert.equal([failures(report), report.outcome], [[], 'clean'])
  assert.ok(report.durationMs < 8_000, `${report.durationMs} ms`)
  assert.equal(serverNamed(report, 'http server').connections, { destroyed: 1 })
})

test('at the limit those that were told in vain are destroyed', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  new WebSocketServer({ server })
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 2 })
  shutdown.server(server)
  const raw = await rawClient(t, port, upgradeRequest())
  await hasReceived(raw, '101 Switching')
  const chatter = setInterval(() => raw.socket.write('\x89\x80\0\0\0\0', 'latin1'), 50)
  t.after(() => clearInterval(chatter))
  const report = await shutdown.begin('test')
  assert.equal(serverNamed(report, 'http server').connections, { destroyed: 1 })
  await until('the connection has gone', () => raw.socket.destroyed || raw.ended)
})

test('one that the app is closing already is not told twice', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  const wss = new WebSocketServer({ server })
  const shutdown = shutdownHere(t)
  shutdown.server(server)
  const { closed } = await openWebSocket(t, port)
  shutdown.stopping.addEventListener('abort', () => {
    for (const one of wss.clients) one.close(4000, 'bye')
  })
  const report = await shutdown.begin('test')
  assert.equal([(await closed).code, failures(report)], [4000, []])
})

test('one whose handshake ends in drain is told as soon as it is there', async (t) => {
  const server = createServer()
  const port = await listen(t, server)
  const letIn: (() => void)[] = []
  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    letIn.push(() => wss.handleUpgrade(request, socket, head, () => {}))
  })
  const shutdown = shutdownHere(t)
  shutdown.server(server)
  const opening = openWebSocket(t, port)
  await until('the app asks who it is', () => letIn.length === 1)
  const request = upgradeRequest()
  const late = await rawClient(t, port, request.slice(0, 20))
  shutdown.hook(
    'let in',
    async () => {
      for (const one of letIn) one()
      late.socket.write(request.slice(20))
      await until('the late one asks, too', () => letIn.length === 2)
      letIn[1]?.()
    },
    { phase: 'drain' },
  )
  const report = await shutdown.begin('test')
  const { closed } = await opening
  assert.is((await closed).code, 1001)
  assert.ok(late.received.endsWith('\x03\xe9going away'), 'the late one was told')
  const { connections } = serverNamed(report, 'http server')
  assert.equal([failures(report), connections], [[], { webSockets: 1, destroyed: 1 }])
})

test('another protocol goes on until it ends by itself', async (t) => {
  const { port, shutdown } = await echo(t, 30)
  const raw = await rawClient(t, port, upgradeRequest('echo'))
  await hasReceived(raw, 'hello')
  const began = shutdown.begin('test')
  raw.socket.write('still here')
  await hasReceived(raw, 'still here')
  raw.socket.end()
  const report = await began
  assert.equal([failures(report), serverNamed(report, 'http server').connections], [[], { upgraded: 1 }])
})

test('another protocol that does not end is ended at the limit', async (t) => {
  const { port, shutdown } = await echo(t, 2)
  const raw = await rawClient(t, port, upgradeRequest('echo'))
  await hasReceived(raw, 'hello')
  const report = await shutdown.begin('test')
  await until('it has seen the end', () => raw.ended)
  assert.equal(serverNamed(report, 'http server').connections, { upgraded: 1 })
  assert.is(serverNamed(report, 'http server').cut, 0)
})

async function echo(t: TestContext, seconds: number) {
  const server = createServer()
  server.on('upgrade', (_request, socket: Duplex) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello')
    socket.pipe(socket)
  })
  const port = await listen(t, server)
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: seconds })
  shutdown.server(server)
  return { port, shutdown }
}
