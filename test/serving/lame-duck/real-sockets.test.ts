import { once } from 'node:events'
import { Agent, createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { monotonicNow } from '../../../lib/clock/deadline.ts'
import { Sources } from '../../../lib/serving/lame-duck/sources.ts'
import { ask, known, lameDuckOf, requestListeners, SCALED, STRICT, Steady } from '../../support/lame-duck.ts'
import { listen } from '../../support/serving.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const seconds = (ms: number): number => ms / 1_000
const hello = () => createServer((_, response) => response.end('hello'))
const codes = (one: Steady): string[] => [...new Set(one.answers.map(({ code }) => code))]

test('three steady sources that stop at different times: it ends when the last has been silent', async (t) => {
  const server = hello()
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  const all = ['127.0.0.11', '127.0.0.12', '127.0.0.13'].map((from) => new Steady(t, port, from))
  await known()
  const ended = begin()
  for (const one of all) {
    await pause(150)
    one.stop()
    await one.over
  }
  const lastAt = (all[2] as Steady).lastAt
  const report = await ended
  assert.is(report.ended, 'quiet', JSON.stringify(report))
  assert.ok(monotonicNow() - lastAt >= SCALED.quietMs)
  assert.ok(report.seconds < report.planned)
  assert.equal(report.sources, { speaking: 0, gone: 3, rare: 0, overflow: false })
  assert.ok(report.connections > 0 && report.requests >= report.connections, JSON.stringify(report))
  for (const one of all) assert.equal(codes(one), ['200'])
  assert.ok(all.some(({ answers }) => answers.at(-1)?.isLast))
})

test('a rare source beside steady ones, or more addresses than are kept: the whole time', async (t) => {
  await Promise.all([rareOne(t), crowd(t)])
})

async function rareOne(t: TestContext): Promise<void> {
  const server = hello()
  const { begin } = lameDuckOf(t, server, { times: STRICT })
  const port = await listen(t, server)
  await ask(port, '127.0.0.23')
  const steady = ['127.0.0.21', '127.0.0.22'].map((from) => new Steady(t, port, from))
  // Its pause is more than half of the lame duck, so it does not speak for itself.
  await pause(SCALED.lameDuckMs / 2 + 100)
  const ended = begin()
  for (const one of steady) one.stop()
  const report = await ended
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.is(report.blockedBy, 'rare', JSON.stringify(report))
  assert.ok(report.seconds >= seconds(SCALED.lameDuckMs))
  assert.is(report.sources.rare, 1)
  assert.is((await ask(port, '127.0.0.23')).code, '200')
}

async function crowd(t: TestContext): Promise<void> {
  const server = hello()
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  for (let n = 0; n < 300; n += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(port, `127.0.${1 + Math.floor((n + i) / 200)}.${1 + ((n + i) % 200)}`)),
    )
  }
  const report = await begin()
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.is(report.sources.overflow, true)
  assert.ok(report.sources.rare + report.sources.gone + report.sources.speaking <= SCALED.times.most)
}

test('a pool that is idle, a long poll, a session of HTTP/2: the whole time, all are told, none is lost', async (t) => {
  await Promise.all([idlePool(t), longPoll(t), session(t)])
})

async function idlePool(t: TestContext): Promise<void> {
  const server = hello()
  server.keepAliveTimeout = 60_000
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  const agent = new Agent({ keepAlive: true, maxSockets: 5, localAddress: '127.0.0.31' })
  t.after(() => agent.destroy())
  const five = () => Promise.all(Array.from({ length: 5 }, () => ask(port, '127.0.0.31', { agent })))
  await five()
  await pause(SCALED.lameDuckMs / 2 + 100)
  const ended = begin()
  await pause(SCALED.quietMs / 4)
  // Three come back, two stay idle in the pool.
  const answers = await Promise.all(Array.from({ length: 3 }, () => ask(port, '127.0.0.31', { agent })))
  const report = await ended
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.is(report.blockedBy, 'untold')
  assert.is(report.untoldAtEnd, 2)
  assert.equal(
    answers,
    Array.from({ length: 3 }, () => ({ code: '200', isLast: true })),
  )
}

async function longPoll(t: TestContext): Promise<void> {
  let answer = (): void => {}
  const server = createServer((_, response) => {
    answer = () => response.end('at last')
  })
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const poll = ask(port, '127.0.0.32', { agent })
  await pause(SCALED.lameDuckMs / 2 + 100)
  const report = await begin()
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.is(report.untoldAtEnd, 1)
  answer()
  assert.equal(await poll, { code: '200', isLast: true })
}

async function session(t: TestContext): Promise<void> {
  const server = createHttp2Server((_, response) => void setTimeout(() => response.end('hello'), 50))
  const { begin } = lameDuckOf(t, server, { times: STRICT })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.after(() => client.destroy())
  let goaways = 0
  client.on('goaway', () => goaways++)
  const request = async (): Promise<unknown> => {
    const stream = client.request({ ':path': '/' }).resume()
    const [headers] = await once(stream, 'response')
    await once(stream, 'close')
    return headers[':status']
  }
  assert.is(await request(), 200)
  await pause(SCALED.lameDuckMs / 2 + 100)
  const ended = begin()
  assert.is(goaways, 0)
  assert.is(await request(), 200)
  await until(
    'the client has read GOAWAY',
    () => goaways,
    (n) => n === 1,
  )
  const report = await ended
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.is(report.requests, 1)
  assert.is(report.untoldAtEnd, 0)
}

test('a source that goes on past the time: until it is silent, and to the ceiling at most, with its name', async (t) => {
  await Promise.all([stopsLate(t), neverStops(t)])
})

async function stopsLate(t: TestContext): Promise<void> {
  const server = hello()
  const { begin } = lameDuckOf(t, server, { maxMs: 10 * SCALED.lameDuckMs })
  const port = await listen(t, server)
  const one = new Steady(t, port, '127.0.0.41')
  await known()
  const ended = begin()
  await pause(SCALED.lameDuckMs + 100)
  one.stop()
  await one.over
  const report = await ended
  assert.is(report.ended, 'time', JSON.stringify(report))
  assert.ok(monotonicNow() - one.lastAt >= SCALED.quietMs)
  assert.is(report.blockedBy, 'traffic')
  assert.equal(codes(one), ['200'])
}

async function neverStops(t: TestContext): Promise<void> {
  const server = hello()
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  new Steady(t, port, '127.0.0.42')
  await known()
  const report = await begin()
  assert.is(report.ended, 'limit', JSON.stringify(report))
  assert.ok(report.seconds >= seconds(SCALED.maxMs))
  assert.is(report.stillSending[0]?.address, '127.0.0.42')
  assert.is(report.stillSending[0]?.connections, report.connections)
}

test('probes and connects without a byte hold nothing, and no listener of requests stays', async (t) => {
  await Promise.all([probesAlone(t), probesBeside(t)])
})

const KUBELET = { headers: { 'user-agent': 'kube-probe/1.31' } }

async function probesAlone(t: TestContext): Promise<void> {
  const server = hello()
  const before = requestListeners(server)
  const { begin, duck } = lameDuckOf(t, server)
  const port = await listen(t, server)
  const probe = new Steady(t, port, '127.0.0.51', 40, KUBELET)
  const knock = setInterval(
    () =>
      connect(port, '127.0.0.1')
        .on('error', () => {})
        .end(),
    60,
  )
  t.after(() => clearInterval(knock))
  await known()
  const report = await begin()
  assert.is(report.ended, 'quiet', JSON.stringify(report))
  assert.equal([report.requests, report.connections], [0, 0])
  assert.ok(report.probes > 0)
  assert.equal(report.sources, { speaking: 0, gone: 0, rare: 0, overflow: false })
  duck.stop()
  assert.is(requestListeners(server), before)
  assert.equal(codes(probe), ['200'])
}

async function probesBeside(t: TestContext): Promise<void> {
  const server = hello()
  const before = requestListeners(server)
  const { begin } = lameDuckOf(t, server)
  const port = await listen(t, server)
  const probe = new Steady(t, port, '127.0.0.52', 40, KUBELET)
  const steady = new Steady(t, port, '127.0.0.53')
  await known()
  probe.stop()
  await probe.over
  await until(
    'no listener of requests is left',
    () => requestListeners(server),
    (n) => n === before,
  )
  new Steady(t, port, '127.0.0.52', 40, KUBELET)
  const ended = begin()
  await pause(100)
  steady.stop()
  const report = await ended
  assert.is(report.ended, 'quiet', JSON.stringify(report))
  assert.is(report.sources.gone, 1)
}

test('the table is bounded, and what was not seen for long gives its place', () => {
  const sources = new Sources({ ...SCALED.times, most: 3, unseenMs: 100, tidyMs: 10 })
  for (let n = 0; n < 3; n++) sources.connection(`10.0.0.${n}`, n)
  assert.is(sources.connection('10.0.0.9', 50), undefined)
  assert.is(sources.overflowAt, 50)
  assert.is(sources.connection('10.0.0.9', 102)?.address, '10.0.0.9')
  assert.equal([...sources.all.keys()], ['10.0.0.9'])
})
