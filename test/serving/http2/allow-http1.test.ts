import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { Agent, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { certificate } from '../../support/certificate.ts'
import { registered } from '../../support/draining.ts'
import { http2Client } from '../../support/http2-client.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

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

/** A server of both, whose answers the test gives; `/now` is answered at once. */
async function bothProtocols(t: TestContext) {
  const server = createSecureServer({ ...certificate, allowHTTP1: true })
  const held: Pick<Http2ServerResponse, 'end'>[] = []
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    if (request.url === '/now') response.end('answer')
    else held.push(response)
  })
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
  return { ...registered(server), ask, held, url: `https://127.0.0.1:${port}` }
}
