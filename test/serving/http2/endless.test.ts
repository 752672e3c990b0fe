import { once } from 'node:events'
import { createServer, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { registered } from '../../support/draining.ts'
import { heldHttp2 } from '../../support/held-http2.ts'
import { bodyOf, http2Client } from '../../support/http2-client.ts'
import { shutdownHere } from '../../support/serving.ts'
import { test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

test('an event stream ends by itself, whole, and is neither finished nor cut', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  const [early, late] = [client.get('/events'), client.get('/late')]
  await http2.holds(2)
  const [first, second] = http2.held
  first?.respond({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' })
  first?.write('data: 1\n\n')
  const draining = drain()
  assert.is(await early, 'data: 1\n\n')
  // One whose handler answers only now.
  second?.respond({ ':status': 200, 'content-type': 'text/event-stream' })
  second?.write('data: 2\n\n')
  assert.is(await late, 'data: 2\n\n')
  await draining.done
  const connections = { eventStreams: 2, announced: 1 }
  assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections })
})

test('a writer that goes on behind the end of its event stream breaks nothing', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  const events = client.get('/events')
  await http2.holds(1)
  const [stream] = http2.held
  stream?.respond({ ':status': 200, 'content-type': 'text/event-stream' })
  const timer = setInterval(() => stream?.write('data\n'), 1)
  t.after(() => clearInterval(timer))
  const draining = drain()
  assert.match(await events, /^(data\n)*$/)
  await draining.done
  assert.is(draining.counts.cut, 0)
})

test('a WebSocket by extended CONNECT is told 1001 and the reason', async (t) => {
  const http2 = await heldHttp2(t, { settings: { enableConnectProtocol: true } })
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  await until('the settings have come', () => client.session.remoteSettings?.enableConnectProtocol)
  const socket = client.open({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/ws' })
  const got: Buffer[] = []
  socket.on('data', (bytes: Buffer) => got.push(bytes))
  await http2.holds(1)
  http2.held[0]?.respond({ ':status': 200 })
  const draining = drain({ closeReason: 'restarting' })
  await new Promise((resolve) => socket.once('end', resolve))
  assert.equal(Buffer.concat(got), Buffer.concat([Buffer.from([0x88, 12, 0x03, 0xe9]), Buffer.from('restarting')]))
  socket.end()
  await draining.done
  assert.equal(draining.counts.connections, { webSockets: 1, announced: 1 })
})

test('an event stream that answers a POST is let finish, with a request and on a bare stream', async (t) => {
  const http2 = await heldHttp2(t)
  const responses: Http2ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume()
    responses.push(response)
  })
  http2.server.prependListener('stream', (stream) => void stream.resume())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const drainables = [registered(server), registered(http2.server)]
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = async (to: string) => {
    const stream = (await http2Client(t, to)).open({ ':method': 'POST', ':path': '/' })
    stream.end('to be')
    return bodyOf(stream)
  }
  const answers = Promise.all([post(url), post(http2.url)])
  await Promise.all([http2.holds(1), until('it was asked', () => responses.length === 1)])
  const head = { 'content-type': 'text/event-stream' }
  responses[0]?.writeHead(200, head).write('to ')
  http2.held[0]?.respond({ ':status': 200, ...head })
  http2.held[0]?.write('to ')
  const drains = drainables.map(({ drain }) => drain())
  await sleep(100)
  responses[0]?.end('be')
  http2.held[0]?.end('be')
  assert.equal(await answers, ['to be', 'to be'])
  for (const { done, counts } of drains) {
    await done
    assert.equal([counts.finished, counts.connections], [1, { announced: 1 }])
  }
})

test('longLived says goodbye on a response of HTTP/2 and ends it; pictures of a camera are known by their type', async (t) => {
  const shutdown = shutdownHere(t)
  const responses: Http2ServerResponse[] = []
  const server = createServer((_, response) => void responses.push(response))
  const { drain } = registered(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = await http2Client(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const bodies = Promise.all([client.get('/log'), client.get('/camera')])
  await until('both were asked', () => responses.length === 2)
  const [log, camera] = responses
  log?.writeHead(200, { 'content-type': 'text/plain' }).write('line\n')
  shutdown.longLived(log as Http2ServerResponse, (response) => response.write('bye\n'))
  camera?.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=x' }).write('--x\n')
  const draining = drain()
  assert.equal(await bodies, ['line\nbye\n', '--x\n'])
  await draining.done
  assert.equal(
    { ...draining.counts },
    { finished: 0, cut: 0, refusedLate: 0, connections: { eventStreams: 2, announced: 1 } },
  )
})

test('a poll that is registered before its head is out is ended, with the status that the goodbye sets', async (t) => {
  const shutdown = shutdownHere(t)
  const server = createServer((_, response) => {
    shutdown.longLived(response, () => {
      response.statusCode = 204
    })
  })
  const { drain } = registered(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = await http2Client(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const asked = once(server, 'request')
  const poll = client.open({ ':path': '/poll' })
  const body = bodyOf(poll)
  const answered = once(poll, 'response')
  await asked
  const draining = drain()
  const [head] = await answered
  assert.equal([head[':status'], await body], [204, ''])
  await draining.done
  const connections = { eventStreams: 1, announced: 1 }
  assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections })
})

test('a download that takes its time is no event stream', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  const download = bodyOf(client.open({ ':path': '/download' }))
  await http2.holds(1)
  const [stream] = http2.held
  stream?.respond({ ':status': 200, 'content-type': 'text/plain' })
  stream?.write('a')
  const draining = drain()
  await until('the session has closed to new streams', () => client.goaways.length > 0)
  stream?.end('b')
  assert.is(await download, 'ab')
  await draining.done
  assert.is(draining.counts.finished, 1)
})
