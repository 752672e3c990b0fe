import { createServer, type Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { Connection } from '../../bench/drain/connection.ts'
import { type TestContext, test } from '../support/suite.ts'

// The clients that prove that nothing is lost must see it when something is.
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const HELLO_LAST = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'

/** What becomes of `many` requests at a server that does this with a connection on which something has come. */
async function asked(t: TestContext, serve: (socket: Socket) => unknown, many = 1) {
  const connection = await connected(t, (socket) => socket.once('data', () => serve(socket)))
  return connection.ask(GET.repeat(many), many)
}

async function connected(t: TestContext, accept: (socket: Socket) => unknown): Promise<Connection> {
  const server = createServer((socket) => accept(socket.on('error', () => {})))
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  t.after(() => new Promise((resolve) => server.close(resolve)))
  const connection = await Connection.open({ port })
  if (!(connection instanceof Connection)) throw new Error(`no connection: ${connection.how}`)
  t.after(() => connection.finish())
  return connection
}

test('a whole answer is one, also a byte at a time, with its length or in chunks', async (t) => {
  for (const answer of [HELLO, CHUNKED]) {
    const serve = async (socket: Socket) => {
      socket.setNoDelay()
      for (const byte of answer) {
        socket.write(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    assert.equal(await asked(t, serve), { how: 'open' })
  }
})

test('the client is told to close by an answer that says so', async (t) => {
  assert.equal(await asked(t, (socket) => socket.end(HELLO_LAST)), { how: 'told' })
})

test('an answer of which the last byte is missing is lost', async (t) => {
  for (const answer of [HELLO, CHUNKED, HELLO_LAST]) {
    const seen = await asked(t, (socket) => socket.end(answer.slice(0, -1)))
    assert.is(seen.how, 'lost')
    assert.match((seen as { why: string }).why, /^an answer was cut/)
  }
})

test('an end and a reset without an answer are lost', async (t) => {
  const ended = { how: 'lost', many: 1, why: 'no answer (ended) on a new connection' }
  assert.equal(await asked(t, (socket) => socket.end()), ended)
  const reset = { how: 'lost', many: 1, why: 'no answer (ECONNRESET) on a new connection' }
  assert.equal(await asked(t, (socket) => socket.resetAndDestroy()), reset)
})

test('of five pipelined requests those are lost that have no answer of their own', async (t) => {
  assert.equal(await asked(t, (socket) => socket.end(HELLO.repeat(4) + HELLO_LAST), 5), { how: 'told' })
  const two = { how: 'lost', many: 3, why: 'no answer (after an answer told to close) on a used connection' }
  assert.equal(await asked(t, (socket) => socket.end(HELLO + HELLO_LAST), 5), two)
})

test('an error is no answer', async (t) => {
  const answer = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
  const seen = { how: 'lost', many: 1, why: 'no answer (status 503) on a new connection' }
  assert.equal(await asked(t, (socket) => socket.end(answer)), seen)
})

test('a request on a connection that the server ends in the same moment is lost', async (t) => {
  let end = (): void => {}
  const connection = await connected(t, (socket) => {
    socket.once('data', () => socket.write(HELLO))
    end = () => socket.resetAndDestroy()
  })
  assert.equal(await connection.ask(GET), { how: 'open' })
  end()
  const { how } = await connection.ask(GET)
  assert.is(how, 'lost')
})

test('a port on which nobody listens refuses, and nothing is lost by it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await Connection.open({ port }), { how: 'refused' })
})
