import { once } from 'node:events'
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { registered } from '../../support/draining.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** A server, and a client that has sent half of a body. */
async function halfSent(t: TestContext, handler: Handler, headers: Record<string, string> = {}) {
  const server = createServer(handler)
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { drain } = registered(server)
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.after(() => session.destroy())
  session.on('error', () => {})
  const stream = session.request({ ':method': 'POST', ':path': '/', ...headers })
  stream.on('error', () => {})
  const begun = once(server, 'request')
  stream.write('half')
  await begun
  return { drain, session, stream }
}

const whole: Handler = (request, response) => {
  request.resume().once('end', () => response.end('ok'))
}

test('a body whose rest does not come for 3 s is answered 408, the app hears no end of it, and drain goes on', async (t) => {
  const heard: string[] = []
  const { drain, session, stream } = await halfSent(t, (request, response) => {
    request.on('end', () => heard.push('end')).on('aborted', () => heard.push('aborted'))
    whole(request, response)
  })
  const startedAt = performance.now()
  const draining = drain()
  const [answer] = await once(stream, 'response')
  assert.is(answer[':status'], 408)
  assert.ok(performance.now() - startedAt >= 2_900)
  await Promise.all([draining.done, once(session, 'close')])
  assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: { halfSent: 1 } })
  assert.equal(heard, ['aborted'])
})

test('a body that comes slowly is waited for', async (t) => {
  const { drain, stream } = await halfSent(t, whole)
  const draining = drain()
  for (let sent = 0; sent < 3; sent++) {
    // What is tested is a pause.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    stream.write('more')
  }
  stream.end()
  const [answer] = await once(stream, 'response')
  stream.resume()
  await draining.done
  assert.equal([answer[':status'], draining.counts.finished], [200, 1])
})

for (const [who, handler, headers] of [
  ['an app that does not read', () => {}, {}],
  ['a call whose client sends when it likes', whole, { 'content-type': 'application/grpc-web+proto' }],
] as const) {
  test(`${who} is left until the limit`, async (t) => {
    const { drain, stream } = await halfSent(t, handler, headers)
    const draining = drain()
    let status: unknown
    stream.on('response', (answer) => {
      status = answer[':status']
    })
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    assert.equal([draining.isDone, status], [false, undefined])
    draining.reachLimit()
    await until('it was cut', () => stream.closed || stream.destroyed)
    await draining.done
  })
}
