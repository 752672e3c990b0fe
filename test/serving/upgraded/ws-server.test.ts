import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import type { Shutdown } from '../../../lib/index.ts'
import { certificate } from '../../support/certificate.ts'
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

type Serve = (t: TestContext) => Promise<{ wss: WebSocketServer; port: number }>

const withServer: Serve = async (t) => {
  const server = createServer()
  return { port: await listen(t, server), wss: new WebSocketServer({ server }) }
}

const withPort: Serve = async (t) => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(wss, 'listening')
  t.after(() => wss.close())
  return { wss, port: (wss.address() as AddressInfo).port }
}

const noServer: Serve = async (t) => {
  const wss = new WebSocketServer({ noServer: true })
  const server = createServer()
  server.on('upgrade', (request, socket, head) => {
    wss.handleUpgrade(request, socket, head, (webSocket) => wss.emit('connection', webSocket, request))
  })
  return { wss, port: await listen(t, server) }
}

for (const [name, serve] of Object.entries({ withServer, withPort, noServer })) {
  test(`${name}: clients are told, and the WebSocketServer is closed`, async (t) => {
    const { wss, port } = await serve(t)
    const shutdown = shutdownHere(t)
    shutdown.server(wss)
    const closed = once(wss, 'close')
    const { closed: gone } = await openWebSocket(t, port)
    const report = await shutdown.begin('test')
    await closed
    assert.equal([(await gone).code, failures(report)], [1001, []])
    const { kind, address, connections } = serverNamed(report, 'ws server')
    const known = name === 'noServer' ? null : `127.0.0.1:${port}`
    assert.equal([kind, address, connections.webSockets], ['ws', known, 1])
  })

  test(`${name}: an upgrade that comes in drain is refused with 503`, async (t) => {
    const { wss, port } = await serve(t)
    const shutdown = shutdownHere(t)
    shutdown.server(wss)
    const report = await upgradeInDrain(t, shutdown, port)
    // Without a server of its own it is drained when its clients are gone; from then on ws itself refuses.
    const counted = name === 'noServer' ? 0 : 1
    assert.equal([failures(report), serverNamed(report, 'ws server').refusedLate], [[], counted])
  })
}

for (const [name, options] of Object.entries({ none: {}, another: { closeReason: 'restarting' } })) {
  test(`registered behind its server, which has ${name}, it still says its own reason`, async (t) => {
    const { wss, port } = await withServer(t)
    const shutdown = shutdownHere(t)
    assert.ok(wss.options.server)
    shutdown.server(wss.options.server, options)
    shutdown.server(wss, { closeReason: 'new version' })
    const { closed } = await openWebSocket(t, port)
    await shutdown.begin('test')
    assert.is((await closed).reason, 'new version')
  })
}

test('wss: clients are told, and both the WebSocketServer and its https server are over', async (t) => {
  const server = createSecureServer(certificate)
  const port = await listen(t, server)
  const wss = new WebSocketServer({ server })
  const shutdown = shutdownHere(t)
  shutdown.server(wss)
  const closed = Promise.all([once(wss, 'close'), once(server, 'close')])
  const { closed: gone } = await openWebSocket(t, port, 'wss')
  const report = await shutdown.begin('test')
  await closed
  const { connections } = serverNamed(report, 'ws server')
  assert.equal([(await gone).code, failures(report), connections.webSockets], [1001, [], 1])
})

/** Half of the request is there before, so that the connection is open. */
async function upgradeInDrain(t: TestContext, shutdown: Shutdown, port: number) {
  const request = upgradeRequest()
  const raw = await rawClient(t, port, request.slice(0, 20))
  await until('the server has the connection', () => openWebSocketAnswers(t, port))
  shutdown.hook(
    'the other half',
    async () => {
      raw.socket.write(request.slice(20))
      await hasReceived(raw, '503 Service Unavailable')
      await until('the connection was ended', () => raw.ended)
    },
    { phase: 'drain' },
  )
  return shutdown.begin('test')
}

/** Connections are accepted in their order. */
async function openWebSocketAnswers(t: TestContext, port: number): Promise<boolean> {
  const { socket, closed } = await openWebSocket(t, port)
  socket.close()
  await closed
  return true
}

test('before drain, in the first phase, an upgrade is still taken', async (t) => {
  const { wss, port } = await withPort(t)
  const shutdown = shutdownHere(t)
  shutdown.server(wss)
  let code = 0
  shutdown.preStop('one more', async () => {
    const { closed } = await openWebSocket(t, port)
    void closed.then((end) => {
      code = end.code
    })
  })
  await shutdown.begin('test')
  await until('it was told', () => code === 1001)
})

for (const order of ['http first', 'ws first']) {
  test(`the WebSocketServer and its http server are drained once, ${order}`, async (t) => {
    let answer = (): void => {}
    const server = createServer((_request, response) => {
      answer = () => void response.end('ok')
    })
    const port = await listen(t, server)
    const wss = new WebSocketServer({ server })
    const shutdown = shutdownHere(t)
    const things = order === 'http first' ? [server, wss] : [wss, server]
    for (const thing of things) shutdown.server(thing)
    const { closed } = await openWebSocket(t, port)
    const asked = once(server, 'request')
    const response = fetch(`http://127.0.0.1:${port}/`)
    await asked
    shutdown.hook('answer', () => answer(), { phase: 'drain' })
    const report = await shutdown.begin('test')
    assert.equal([(await closed).code, (await response).status, failures(report)], [1001, 200, []])
    const sum = (counts: number[]): number => counts.reduce((a, b) => a + b)
    const told = sum(report.servers.map(({ connections }) => connections.webSockets ?? 0))
    const finished = sum(report.servers.map((server) => server.finished))
    assert.equal([report.servers.length, told, finished], [2, 1, 1])
  })
}

test('one that the app has closed is no failure', async (t) => {
  const { wss } = await withPort(t)
  const shutdown = shutdownHere(t)
  shutdown.server(wss)
  wss.close()
  await once(wss, 'close')
  const report = await shutdown.begin('test')
  assert.equal(failures(report), [])
})

test('noServer: at the limit a client that was told in vain is destroyed', async (t) => {
  const { wss, port } = await noServer(t)
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 2 })
  shutdown.server(wss)
  const raw = await rawClient(t, port, upgradeRequest())
  await hasReceived(raw, '101 Switching')
  // Pings: it is there, and does not go.
  const chatter = setInterval(() => raw.socket.write('\x89\x80\0\0\0\0', 'latin1'), 50)
  t.after(() => clearInterval(chatter))
  const report = await shutdown.begin('test')
  await until('the connection has gone', () => raw.socket.destroyed || raw.ended)
  assert.equal([serverNamed(report, 'ws server').connections, report.outcome], [{ destroyed: 1 }, 'clean'])
})
