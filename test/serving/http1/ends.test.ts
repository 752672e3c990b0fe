import { once } from 'node:events'
import { createServer } from 'node:http'
import * as assert from 'uvu/assert'
import { drained } from '../../support/drained.ts'
import { get, rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'

test('connections on which nothing is in flight end each in their time, and none makes the outcome unclean', async (t) => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('ok')))
  const { port, begin } = await drained(t, server)
  const idle = await rawClient(t, { port })
  idle.socket.write(get())
  await idle.gets(/ok$/)
  const silent = await rawClient(t, { port })
  const halfHead = await rawClient(t, { port })
  halfHead.socket.write('GET / HT')
  const halfBody = await rawClient(t, { port })
  const began = once(server, 'request')
  halfBody.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
  await began

  const { report } = await begin()
  const ends: string[] = []
  for (const [name, { ended }] of Object.entries({ idle, silent, halfHead, halfBody })) {
    void ended.then(() => ends.push(name))
  }
  const { servers, outcome, exitCode, durationMs } = await report
  assert.equal([ends[0], ends.at(-1)], ['idle', 'halfBody'])
  assert.is(silent.text, '')
  assert.match(halfHead.text, /^HTTP\/1\.1 408 /)
  assert.match(halfBody.text, /^HTTP\/1\.1 408 /)
  assert.equal(servers[0]?.connections, { idle: 1, silent: 1, halfSent: 2 })
  assert.equal([outcome, exitCode, servers[0]?.cut], ['clean', 0, 0])
  assert.ok(durationMs >= 2_900, `half a body has 3 s to go on, and it took ${durationMs} ms`)
})

test('a client that goes on in time is served: a late first request, the rest of a head and of a body', async (t) => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('ok')))
  const { port, begin } = await drained(t, server)
  const silent = await rawClient(t, { port })
  const halfHead = await rawClient(t, { port })
  halfHead.socket.write(get().slice(0, 10))
  const halfBody = await rawClient(t, { port })
  const began = once(server, 'request')
  halfBody.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo')
  await began
  const { report } = await begin()
  silent.socket.write(get())
  halfHead.socket.write(get().slice(10))
  halfBody.socket.write('dy')
  for (const client of [silent, halfHead, halfBody]) {
    await client.gets(/^HTTP\/1\.1 200 .*ok$/s)
    assert.is(await client.ended, 'end')
  }
  const [ours] = (await report).servers
  assert.equal([ours?.finished, ours?.connections], [3, { announced: 3 }])
})

test('idleMs says how long an idle connection stays, and a byte in that time saves it', async (t) => {
  const server = createServer((_, response) => response.end('ok'))
  const { port, begin } = await drained(t, server, { idleMs: 700 })
  const idle = await rawClient(t, { port })
  idle.socket.write(get())
  await idle.gets(/ok$/)
  const { report } = await begin()
  await idle.ended
  const { durationMs } = await report
  assert.ok(durationMs >= 690, `idleMs is 700, and it took ${durationMs} ms`)
})

test('an answer that is sent before the body of its request has come reaches the client', async (t) => {
  const server = createServer((_, response) => response.writeHead(413).end('too large'))
  const { port, begin } = await drained(t, server, { idleMs: 10_000 })
  const client = await rawClient(t, { port })
  const { report } = await begin()
  const size = 1_048_576
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`)
  await client.gets(/too large/)
  // What is written now meets a connection that has said its end: read out, or the kernel resets it.
  client.socket.write('x'.repeat(size))
  assert.is(await client.ended, 'end')
  assert.equal((await report).servers[0]?.connections, { announced: 1 })
})

test('a client that takes two seconds to read 8 MiB gets all of it', async (t) => {
  const size = 8_388_608
  const server = createServer((_, response) => response.end('x'.repeat(size)))
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port, onread: { buffer: Buffer.alloc(65_536), callback: () => true } })
  client.socket.pause()
  client.socket.write(get())
  await once(server, 'request')
  const { report } = await begin()
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  client.socket.resume()
  await client.ended
  assert.ok(client.socket.bytesRead > size, `${client.socket.bytesRead} bytes came`)
  assert.equal([(await report).outcome, (await report).servers[0]?.finished], ['clean', 1])
})

test('a client that takes nothing of what the kernel holds for it does not hold the drain', async (t) => {
  const server = createServer((_, response) => response.end('x'.repeat(1_000_000)))
  const { port, begin } = await drained(t, server, { terminationGracePeriodSeconds: 30 })
  const client = await rawClient(t, { port, onread: { buffer: Buffer.alloc(1_024), callback: () => false } })
  client.socket.pause()
  client.socket.write(get())
  await once(server, 'request')
  const { report } = await begin()
  const { outcome, durationMs } = await report
  assert.is(outcome, 'clean')
  assert.ok(durationMs >= 3_900 && durationMs < 15_000, `1 s, and 3 s without progress, took ${durationMs} ms`)
})

test('a client that has closed its side still gets its answer', async (t) => {
  let answer = (): unknown => undefined
  const server = createServer((_, response) => {
    answer = () => response.end('late')
  })
  server.on('connection', (socket) => socket.on('end', () => {}))
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port, allowHalfOpen: true })
  client.socket.end(get())
  await once(server, 'request')
  const { report } = await begin()
  answer()
  await Promise.race([client.gets(/late$/), client.ended])
  await report
})

test('a request that is not answered at the limit is cut, and that is said; one whose client does not read is counted', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/endless') response.write('begun')
    else response.end('x'.repeat(50_000_000))
  })
  const { port, begin } = await drained(t, server, { terminationGracePeriodSeconds: 2 })
  const cut = await rawClient(t, { port })
  cut.socket.write(get('/endless'))
  await cut.gets(/begun/)
  const stalled = await rawClient(t, { port })
  stalled.socket.pause()
  stalled.socket.write(get('/large'))
  await once(server, 'request')
  const report = await (await begin()).report
  assert.equal(report.servers[0]?.cut, 1)
  assert.equal(report.servers[0]?.connections, { destroyed: 1, stalled: 1 })
  assert.is(report.verdict, 'unclean: http server: 1 request cut')
  assert.is(report.exitCode, 1)
  assert.equal(
    report.hooks.map(({ outcome }) => outcome),
    ['done', 'done'],
  )
})

test('a handler that hears the cutoff still answers', async (t) => {
  const server = createServer((_, response) => {
    shutdown.cutoff.addEventListener('abort', () => response.writeHead(503).end('not in time'))
  })
  const { port, begin, shutdown } = await drained(t, server, { terminationGracePeriodSeconds: 2 })
  const client = await rawClient(t, { port })
  client.socket.write(get())
  await once(server, 'request')
  const { report } = await begin()
  await client.gets(/^HTTP\/1\.1 503 .*not in time/s)
  assert.equal([(await report).servers[0]?.cut, (await report).outcome], [0, 'clean'])
})
