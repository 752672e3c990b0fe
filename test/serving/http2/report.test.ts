import { createServer as createHttp2 } from 'node:http2'
import { connect, createServer } from 'node:net'
import * as assert from 'uvu/assert'
import { drained } from '../../support/drained.ts'
import { heldHttp2 } from '../../support/held-http2.ts'
import { http2Client } from '../../support/http2-client.ts'
import { test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const SHORT = { terminationGracePeriodSeconds: 1 }

test('a stream that is cut at the limit makes the shutdown unclean, and the report says so', async (t) => {
  const { server, held, holds } = await heldHttp2(t, { listen: false })
  const { port, begin } = await drained(t, server, SHORT)
  const client = await http2Client(t, `http://127.0.0.1:${port}`)
  const answer = client.get('/held')
  await holds(1)
  const report = await (await begin()).report
  assert.is(await answer, 'NGHTTP2_INTERNAL_ERROR')
  assert.is(held[0]?.destroyed, true)
  const [{ address, ...counted } = { address: null }] = report.servers
  assert.equal(
    [report.outcome, report.exitCode, address, counted],
    [
      'unclean',
      1,
      `127.0.0.1:${port}`,
      {
        ...{ name: 'http2 server', kind: 'http2', finished: 0, cut: 1, refusedLate: 0 },
        connections: { destroyed: 1 },
      },
    ],
  )
  assert.is(report.hooks.find(({ name }) => name === 'http2 server')?.outcome, 'done')
})

test('a request whose body does not come is not cut, and one bad client makes no shutdown unclean', async (t) => {
  const { server, holds } = await heldHttp2(t, { listen: false })
  const { port, begin } = await drained(t, server, SHORT)
  const client = await http2Client(t, `http://127.0.0.1:${port}`)
  client
    .open({ ':method': 'POST', ':path': '/held' })
    .on('error', () => {})
    .write('half')
  await holds(1)
  const { outcome, servers } = await (await begin()).report
  assert.equal([outcome, servers[0]?.cut, servers[0]?.connections], ['clean', 0, { halfSent: 1 }])
})

test('a handler that hears the cutoff still answers', async (t) => {
  const server = createHttp2()
  const { port, begin, shutdown } = await drained(t, server, SHORT)
  server.on('stream', (stream) => {
    shutdown.cutoff.addEventListener('abort', () => {
      stream.respond({ ':status': 503 })
      stream.end('in part')
    })
  })
  const client = await http2Client(t, `http://127.0.0.1:${port}`)
  const arrived = new Promise((resolve) => server.once('stream', resolve))
  const answer = client.get('/held')
  await arrived
  const report = await (await begin()).report
  assert.equal([await answer, report.outcome, report.servers[0]?.cut], ['in part', 'clean', 0])
})

test('a raw connection that stays to the limit is destroyed, and nobody can say that it was cut', async (t) => {
  const server = createServer((socket) => void socket.write('hello'))
  const { port, begin } = await drained(t, server, SHORT)
  let text = ''
  const socket = connect(port, '127.0.0.1').on('data', (bytes) => (text += bytes))
  t.after(() => socket.destroy())
  await until('it was greeted', () => text === 'hello')
  const report = await (await begin()).report
  assert.equal(
    [report.outcome, report.servers[0]?.kind, report.servers[0]?.connections],
    ['clean', 'net', { destroyed: 1 }],
  )
})
