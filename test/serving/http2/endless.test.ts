import * as assert from 'uvu/assert'
import { registered } from '../../support/draining.ts'
import { heldHttp2 } from '../../support/held-http2.ts'
import { bodyOf, http2Client } from '../../support/http2-client.ts'
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
