import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as assert from 'uvu/assert'
import { drained } from '../../support/drained.ts'
import { get, rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const SIZE = 4_194_304
/** Longer than a client may stop in the middle of a body. */
const SLOW_MS = 3_500

test('a body that the handler does not read for a while is not the fault of its client', async (t) => {
  const server = createServer(async (request, response) => {
    await slow()
    let size = 0
    request.on('data', (bytes: Buffer) => {
      size += bytes.length
    })
    request.on('end', () => response.end(`<${size}>`))
  })
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const began = once(server, 'request')
  client.socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${SIZE}\r\n\r\n${'x'.repeat(SIZE)}`)
  await began
  const { report } = await begin()
  await client.gets(new RegExp(`<${SIZE}>`))
  assert.equal([(await report).servers[0]?.finished, (await report).servers[0]?.connections], [1, { announced: 1 }])
})

test('a client that waits for 100 Continue is not late with its body', async (t) => {
  const server = createServer()
  server.on('checkContinue', async (request: IncomingMessage, response: ServerResponse) => {
    await slow()
    response.writeContinue()
    request.resume().on('end', () => response.end('<whole>'))
  })
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const began = once(server, 'checkContinue')
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
  await began
  const { report } = await begin()
  await client.gets(/100 Continue\r\n\r\n$/)
  client.socket.write('body')
  await client.gets(/<whole>/)
  assert.equal([(await report).servers[0]?.finished, (await report).servers[0]?.connections], [1, { announced: 1 }])
})

test('of a pipeline whose first answer is missing at the limit every request is cut, answered behind it or not', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/1') response.end('one')
  })
  const { port, begin } = await drained(t, server, { terminationGracePeriodSeconds: 2 })
  const client = await rawClient(t, { port })
  const { report } = await begin()
  client.socket.write(get('/0') + get('/1'))
  assert.equal([(await report).servers[0]?.cut, (await report).outcome], [2, 'unclean'])
})

test('half a request behind one whose answer takes its time is no reason to answer that by a 408', async (t) => {
  const server = createServer(async (request, response) => {
    if (request.url === '/0') await slow()
    request.resume().once('end', () => response.end(`<${request.url}>`))
  })
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const began = once(server, 'request')
  client.socket.write(`${get('/0')}POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc`)
  await began
  const { report } = await begin()
  await client.gets(/<\/0>/)
  client.socket.write('def')
  await client.gets(/<\/1>/)
  assert.not.match(client.text, '408')
  assert.is((await report).servers[0]?.finished, 2)
})

test('a client that has its answer before it has sent its body gets no second one', async (t) => {
  const server = createServer((_, response) => response.end('<early>'))
  const { port, begin } = await drained(t, server, { idleMs: 10_000 })
  const client = await rawClient(t, { port })
  client.socket.write(get('/0'))
  await client.gets(/<early>/)
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc')
  await client.gets(/<early>.*<early>/s)
  const { report } = await begin()
  assert.is(await client.ended, 'end')
  assert.not.match(client.text, '408')
  assert.equal((await report).servers[0]?.connections, { halfSent: 1 })
})

test('an answer that its client did not take is not finished', async (t) => {
  const server = createServer((_, response) => response.end(Buffer.alloc(16 * SIZE)))
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const began = once(server, 'request')
  client.socket.write(get())
  await began
  client.socket.pause()
  const { report } = await begin()
  client.socket.resetAndDestroy()
  const { servers } = await report
  assert.equal([servers[0]?.finished, servers[0]?.connections], [0, { left: 1 }])
})

for (const error of [undefined, new Error('no')]) {
  const how = error ? 'by an error' : 'without a word'
  test(`an answer that the app destroys ${how} is not one whose client left`, async (t) => {
    const server = createServer()
    const { port, begin } = await drained(t, server)
    const client = await rawClient(t, { port })
    const began = once(server, 'request')
    client.socket.write(get())
    const [, response] = await began
    const { report } = await begin()
    response.destroy(error)
    const { servers } = await report
    assert.equal([servers[0]?.finished, servers[0]?.cut, servers[0]?.connections], [0, 0, {}])
  })
}

test('a client that ends its connection before it is answered has left, without an error, too', async (t) => {
  const server = createServer()
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const began = once(server, 'request')
  client.socket.write(get())
  await began
  const { report } = await begin()
  client.socket.destroy()
  assert.equal((await report).servers[0]?.connections, { left: 1 })
})

test('what comes behind an answer that said the end is not begun', async (t) => {
  const begun: (string | undefined)[] = []
  let first: ServerResponse | undefined
  const server = createServer((request, response) => {
    begun.push(request.url)
    first ??= response
    if (request.url === '/0') response.write('<begun>')
    else response.end('<other>')
  })
  const { port, begin } = await drained(t, server)
  const client = await rawClient(t, { port })
  const { report } = await begin()
  client.socket.write(get('/0'))
  await client.gets(/connection: close.*<begun>/is)
  client.socket.write(`POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody${get('/2')}`)
  // Both have been read when the bytes have.
  const total = client.socket.bytesWritten
  await until('both have come', () => (first?.socket?.bytesRead ?? 0) >= total)
  first?.end('<end>')
  const { servers } = await report
  assert.equal(begun, ['/0'])
  assert.equal([servers[0]?.finished, servers[0]?.refusedLate], [1, 2])
  assert.match(client.text, /<end>/)
})

function slow(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SLOW_MS))
}
