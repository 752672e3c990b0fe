import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { Agent, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { certificate } from '../../support/certificate.ts'
import { registered } from '../../support/draining.ts'
import { http2Client } from '../../support/http2-client.ts'
import { rawTlsClient, get as requestText } from '../../support/raw-client.ts'
import { upgradeRequest } from '../../support/serving.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { openWebSocket } from '../../support/web-socket-client.ts'

test('HTTP/1 beside HTTP/2: what is in flight finishes and is told, what is idle is closed', async (t) => {
  const { drain, ask, held, url } = await bothProtocols(t)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  assert.is((await ask('/now', agent)).body, 'answer')
  const busy = ask('/held')
  const client = await http2Client(t, url)
  const stream = client.get('/held')
  await until('both are held', () => held.length === 2)
  const draining = drain()
  for (const response of held) response.end('answer')
  const { body, connection } = await busy
  assert.equal([body, connection, await stream], ['answer', 'close', 'answer'])
  await draining.done
  const connections = { announced: 2, idle: 1 }
  assert.equal({ ...draining.counts }, { finished: 2, cut: 0, refusedLate: 0, connections })
})

test('at the limit both are cut', async (t) => {
  const { drain, ask, held, url } = await bothProtocols(t)
  const busy = ask('/held').catch((error: NodeJS.ErrnoException) => error.code)
  const client = await http2Client(t, url)
  const stream = client.get('/held')
  await until('both are held', () => held.length === 2)
  const draining = drain()
  draining.reachLimit()
  await draining.done
  assert.equal([await busy, await stream], ['ECONNRESET', 'NGHTTP2_INTERNAL_ERROR'])
  assert.equal({ ...draining.counts }, { finished: 0, cut: 2, refusedLate: 0, connections: { destroyed: 2 } })
})

test('a WebSocket on it is told 1001, though Node lists it no longer', async (t) => {
  const { server, drain } = await bothProtocols(t)
  new WebSocketServer({ server: server as unknown as Server })
  const { closed } = await openWebSocket(t, (server.address() as AddressInfo).port, 'wss')
  const draining = drain()
  const { code, reason } = await closed
  assert.equal([code, reason], [1001, 'going away'])
  await draining.done
  assert.equal(draining.counts.connections, { webSockets: 1 })
})

test('a request that waits for 100 Continue is told and counted, too', async (t) => {
  const { server, drain } = await bothProtocols(t)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue()
    request.resume().once('end', () => response.end('<whole>'))
  })
  const client = await rawTlsClient(t, { port: (server.address() as AddressInfo).port })
  client.socket.write(requestText('/now'))
  await client.gets(/answer/)
  const draining = drain({ idleMs: 10_000 })
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
  await client.gets(/100 Continue\r\n\r\n/)
  client.socket.write('body')
  assert.match(await client.gets(/200 OK.*<whole>/s), /Connection: close/)
  await draining.done
  assert.equal([draining.counts.finished, draining.counts.connections], [1, { announced: 1 }])
})

for (const [isThere, connections] of [
  [false, { upgraded: 1 }],
  // Then nobody knows what it is, and it has until the limit, too.
  [true, { destroyed: 1 }],
] as const) {
  const before = isThere ? 'that was there before us' : 'as it is known from its handshake on'
  test(`a tunnel on it, ${before}, is not taken for a handshake`, async (t) => {
    const { server, ...early } = await bothProtocols(t)
    server.on('upgrade', (_: IncomingMessage, socket: Duplex) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello')
    })
    const client = await rawTlsClient(t, { port: (server.address() as AddressInfo).port })
    client.socket.write(upgradeRequest('echo'))
    await client.gets(/hello/)
    if (isThere) early.release()
    const draining = (isThere ? registered(server) : early).drain()
    draining.reachLimit()
    await draining.done
    assert.equal(draining.counts.connections, connections)
  })
}

/** A server of both, whose answers the test gives; `/now` is answered at once. */
async function bothProtocols(t: TestContext) {
  const server = createSecureServer({ ...certificate, allowHTTP1: true })
  const held: Pick<Http2ServerResponse, 'end'>[] = []
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    if (request.url === '/now') response.end('answer')
    else held.push(response)
  })
  const registration = registered(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const ask = async (path: string, agent: Agent = new Agent()) => {
    const request = get({ host: '127.0.0.1', port, path, agent, rejectUnauthorized: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let body = ''
    for await (const part of response) body += part
    return { body, connection: response.headers.connection }
  }
  return { ...registration, server, ask, held, url: `https://127.0.0.1:${port}` }
}
