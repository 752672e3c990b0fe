import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { ask } from '../support/ask.ts'
import { type TestContext, test } from '../support/suite.ts'

async function open(t: TestContext): Promise<{ readonly port: number; readonly url: string }> {
  const shutdown = createShutdown({ exit: false })
  t.after(() => shutdown.dispose())
  const server = shutdown.probeServer({ port: 0, host: '127.0.0.1' })
  await server.listening
  shutdown.ready()
  const port = server.address()?.port as number
  return { port, url: `http://127.0.0.1:${port}` }
}

function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)))
}

/** All that comes until the other side ends. */
function read(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => (text += piece))
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

test('a crowd of silent connections does not keep the kubelet out, and is cut down', async (t) => {
  const { port, url } = await open(t)
  const silent = await Promise.all(Array.from({ length: 300 }, () => dial(t, port)))
  assert.is((await ask(`${url}/livez`)).status, 200)
  const open_ = silent.filter((socket) => !socket.destroyed && !socket.readableEnded)
  assert.ok(open_.length < 300)
})

test('nor does a crowd that asks, and waits for its answers', async (t) => {
  const shutdown = createShutdown({ exit: false })
  t.after(() => shutdown.dispose())
  shutdown.check('hung', () => new Promise(() => {}), { timeoutMs: 5_000 })
  const server = shutdown.probeServer({ port: 0, host: '127.0.0.1' })
  await server.listening
  shutdown.ready()
  const port = server.address()?.port as number
  for (let n = 0; n < 150; n++) (await dial(t, port)).write('GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n')
  assert.is((await ask(`http://127.0.0.1:${port}/livez`)).status, 200)
})

test('after dispose() nobody can stop by it, and nobody waits for a server that was closed', async (t) => {
  const shutdown = createShutdown({ exit: false })
  const prestopSecret = '0123456789abcdef'
  const handle = shutdown.probes({ prestopSecret })
  const server = createServer((request, response) => void handle(request, response))
  t.after(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { listening } = shutdown.probeServer({ port: 0, host: '127.0.0.1' })
  shutdown.dispose()
  await listening
  const { port } = server.address() as AddressInfo
  const answer = await ask(`http://127.0.0.1:${port}/prestop`, { headers: { 'lastcall-secret': prestopSecret } })
  assert.equal([answer.status, answer.body], [503, 'this shutdown was disposed of\n'])
})

test('huge headers, broken requests and endless bodies are refused, and the next probe is answered', async (t) => {
  const { port, url } = await open(t)
  const cases: [string, RegExp][] = [
    [`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['\x16\x03\x01 this is no http\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['PURGE /livez HTTP/1.1\r\nhost: a\r\n\r\n', /^HTTP\/1\.1 405 /],
    ['GET http://[bad HTTP/1.1\r\nhost: a\r\n\r\n', /^HTTP\/1\.1 404 /],
    [`GET /${'a'.repeat(7_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, /^HTTP\/1\.1 404 /],
  ]
  for (const [bytes, answer] of cases) {
    const socket = await dial(t, port)
    const answered = read(socket)
    socket.write(bytes, 'latin1')
    assert.match(await answered, answer)
  }
  const poster = await dial(t, port)
  const closed = read(poster)
  poster.write('POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n')
  const piece = 'z'.repeat(65_536)
  const pump = (): void => void (poster.destroyed || poster.write(piece, () => setImmediate(pump)))
  pump()
  // Whether the answer still reaches one who goes on sending is the kernel's affair.
  await closed
  assert.is((await ask(`${url}/readyz`)).status, 200)
})

test('a pipeline is one answer: the rest of it is cut', async (t) => {
  const { port, url } = await open(t)
  const socket = await dial(t, port)
  const answered = read(socket)
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(1_000))
  assert.ok(((await answered).match(/HTTP\/1\.1 200/g) ?? []).length <= 1)
  assert.is((await ask(`${url}/readyz`)).status, 200)
})
