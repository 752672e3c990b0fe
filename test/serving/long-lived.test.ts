import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import * as assert from 'uvu/assert'
import type { Shutdown, ShutdownOptions } from '../../lib/index.ts'
import { refusal } from '../support/refusal.ts'
import { failures, listen, type RawClient, rawClient, serverNamed, shutdownHere } from '../support/serving.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const LAST_CHUNK = '\r\n0\r\n\r\n'

/** A server with one request that waits for its answer's end. */
async function waiting(
  t: TestContext,
  handler: (shutdown: Shutdown, response: ServerResponse, request: IncomingMessage) => void,
  { method = 'GET', begins = true, ...options }: ShutdownOptions & { method?: string; begins?: boolean } = {},
): Promise<{ shutdown: Shutdown; client: RawClient }> {
  const shutdown = shutdownHere(t, { terminationGracePeriodSeconds: 20, ...options })
  const answer: RequestListener = (request, response) => handler(shutdown, response, request)
  const server = createServer(answer)
  shutdown.server(server)
  const asked = once(server, 'request')
  const client = await rawClient(t, await listen(t, server), `${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await asked
  if (begins) await until('the answer has begun', () => client.received.includes('200 OK'))
  return { shutdown, client }
}

const ways: Record<string, (response: ServerResponse) => void> = {
  setHeader: (response) =>
    void response.setHeader('Content-Type', 'text/event-stream; charset=utf-8').write('data: 1\n\n'),
  writeHead: (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
  'writeHead with a list': (response) =>
    void response.writeHead(200, ['Content-Type', 'text/event-stream']).write('data: 1\n\n'),
  'pictures of a camera': (response) =>
    void response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=x' }).write('--x\n'),
  'flushed heads alone': (response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders(),
}

for (const [way, begin] of Object.entries(ways)) {
  test(`an event stream is ended when drain begins: ${way}`, async (t) => {
    const { shutdown, client } = await waiting(t, (_shutdown, response) => begin(response))
    const report = await shutdown.begin('test')
    await until('the answer is whole', () => client.received.endsWith('0\r\n\r\n'))
    const { finished, cut, connections } = serverNamed(report, 'http server')
    assert.equal([failures(report), report.outcome], [[], 'clean'])
    assert.equal({ finished, cut, connections }, { finished: 0, cut: 0, connections: { eventStreams: 1 } })
    assert.ok(report.durationMs < 2_000, `${report.durationMs} ms`)
  })
}

test('a POST that is answered by an event stream is let finish: a language model does so', async (t) => {
  const handler = (shutdown: Shutdown, response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: to be\n\n')
    shutdown.hook('the model', () => void response.end('data: or not to be\n\n'), { phase: 'drain' })
  }
  const { shutdown, client } = await waiting(t, handler, { method: 'POST' })
  const report = await shutdown.begin('test')
  await until('the answer is whole', () => client.received.endsWith(LAST_CHUNK))
  assert.match(client.received, 'or not to be')
  assert.is(serverNamed(report, 'http server').connections.eventStreams, undefined)
})

test('longLived ends what is not known by its type, after a last word', async (t) => {
  const { shutdown, client } = await waiting(t, (shutdown, response) => {
    response.write('log line\n')
    shutdown.longLived(response, async (given) => {
      await new Promise((resolve) => setImmediate(resolve))
      given.write(given === response ? 'bye\n' : 'another response\n')
    })
  })
  const report = await shutdown.begin('test')
  await until('the answer is whole', () => client.received.endsWith(`bye\n${LAST_CHUNK}`))
  assert.equal([failures(report), serverNamed(report, 'http server').connections.eventStreams], [[], 1])
})

test('one whose head is not out yet is ended and counted in the same way', async (t) => {
  const handler = (shutdown: Shutdown, response: ServerResponse): void =>
    shutdown.longLived(response, () => {
      response.statusCode = 204
    })
  const { shutdown, client } = await waiting(t, handler, { begins: false })
  const report = await shutdown.begin('test')
  await until('it is answered', () => client.received.startsWith('HTTP/1.1 204'))
  const { finished, cut, connections } = serverNamed(report, 'http server')
  assert.equal({ finished, cut, connections }, { finished: 0, cut: 0, connections: { eventStreams: 1 } })
})

test('longLived needs no last word, and takes one that ends the response itself', async (t) => {
  const { shutdown, client } = await waiting(t, (shutdown, response) => {
    response.write('log line\n')
    shutdown.longLived(response)
    shutdown.longLived(response, () => response.end('the end'))
  })
  await shutdown.begin('test')
  await until('the answer is whole', () => client.received.endsWith(`the end${LAST_CHUNK}`))
})

const harmful: Record<string, () => unknown> = {
  throws: () => {
    throw new Error('no')
  },
  rejects: () => Promise.reject(new Error('no')),
  'never ends': () => new Promise(() => {}),
}
for (const [what, onStopping] of Object.entries(harmful)) {
  test(`a last word that ${what} does no harm`, async (t) => {
    const handler = (shutdown: Shutdown, response: ServerResponse): void => {
      response.write('log line\n')
      shutdown.longLived(response, onStopping)
    }
    const { shutdown, client } = await waiting(t, handler, { terminationGracePeriodSeconds: 4 })
    const report = await shutdown.begin('test')
    await until('the answer is whole', () => client.received.endsWith(LAST_CHUNK))
    assert.equal([failures(report), report.outcome], [[], 'clean'])
  })
}

test('a client that reads nothing is stalled, and not cut', async (t) => {
  const handler = (_shutdown: Shutdown, response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('x'.repeat(64_000_000))
  }
  const { shutdown, client } = await waiting(t, handler, { terminationGracePeriodSeconds: 2 })
  client.socket.pause()
  const report = await shutdown.begin('test')
  const { cut, connections } = serverNamed(report, 'http server')
  assert.equal([cut, connections.stalled, connections.eventStreams], [0, 1, undefined])
})

test('what is no response is refused by what to write instead', (t) => {
  const shutdown = shutdownHere(t)
  const wrong = [undefined, null, 'res', {}, { raw: {}, send: () => {} }, { write() {}, end() {}, on() {} }]
  for (const thing of wrong) {
    const message = refusal(() => shutdown.longLived(thing as never))
    assert.match(message, 'ERR_LASTCALL_OPTION')
    assert.match(message, 'Write longLived(res), longLived(reply.raw) with Fastify, longLived(ctx.res) with Koa.')
  }
  const response = { write() {}, end() {}, on() {}, writeHead() {} }
  assert.match(
    refusal(() => shutdown.longLived(response as never, 'bye' as never)),
    'got "bye"',
  )
})

test('a long poll that listens to stopping is answered at the first moment', async (t) => {
  const handler = async (shutdown: Shutdown, response: ServerResponse): Promise<void> => {
    const news = new Promise<string>(() => {})
    const stopping = once(shutdown.stopping, 'abort').then(() => 'nothing new')
    response.end(await Promise.race([news, stopping]))
  }
  const { shutdown, client } = await waiting(t, (...args) => void handler(args[0], args[1]), { begins: false })
  const report = await shutdown.begin('test')
  await until('it is answered', () => client.received.endsWith('nothing new'))
  assert.equal([failures(report), report.outcome], [[], 'clean'])
  assert.ok(report.durationMs < 2_000, `${report.durationMs} ms`)
})
