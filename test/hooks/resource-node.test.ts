import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Transform, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createGzip, gunzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { type TestContext, test } from '../support/suite.ts'

const close = (thing: unknown) => closeResource(findCloser('thing', thing), hookContext().context)

test('a file stream is closed when the last byte is in the file', async (t) => {
  const file = join(folder(t), 'log')
  const stream = createWriteStream(file)
  const line = 'x'.repeat(1_000)
  for (let i = 0; i < 1_000; i++) stream.write(line)
  await close(stream)
  assert.is(readFileSync(file).length, 1_000_000)
  assert.ok(stream.closed)
  await close(stream) // closed already, and that is fine
})

test('what a gzip stream still holds arrives in the file behind it', async (t) => {
  const file = join(folder(t), 'log.gz')
  const gzip = createGzip()
  const out = gzip.pipe(createWriteStream(file))
  gzip.write('the last words')
  await close(gzip)
  await close(out)
  assert.is(gunzipSync(readFileSync(file)).toString(), 'the last words')
})

test('a stream that the app has ended is awaited, and one that it destroyed counts as closed', async () => {
  let finish = (): void => {}
  const slow = new Writable({
    write: (_chunk, _encoding, done) => {
      finish = done
    },
  })
  slow.end('last words')
  const closing = close(slow)
  assert.is(slow.writableFinished, false)
  finish()
  await closing
  assert.ok(slow.writableFinished)
  await close(new PassThrough().destroy())
})

test('a stream that fails while it ends is a failed close', async () => {
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
  broken.on('error', () => {})
  broken.write('last words')
  assert.is(await close(broken).catch((error: Error) => error.message), 'disk full')
})

test('a stream that never finishes is destroyed at the limit', async () => {
  const stuck = new Transform({ transform: () => {} })
  stuck.write('taken and never passed on')
  const { context, reachLimit } = hookContext()
  const closing = closeResource(findCloser('stuck', stuck), context).catch((error: Error) => error.name)
  reachLimit()
  assert.is(await closing, 'TimeoutError')
  assert.ok(stuck.destroyed)
})

test('a readable is destroyed: nobody reads on', async () => {
  const stream = createReadStream('/dev/zero')
  await close(stream)
  assert.ok(stream.closed)
  await close(stream)
})

test('a file handle is closed', async (t) => {
  const handle = await open(join(folder(t), 'data'), 'w')
  await close(handle)
  assert.is(handle.fd, -1)
  await close(handle)
})

test('a socket delivers what was written, says that it ends, and waits for the other side', async (t) => {
  const [client, server] = await socketPair(t)
  client.write('x'.repeat(1_000_000))
  const closing = close(client)
  assert.is((await text(server)).length, 1_000_000)
  await closing
  assert.ok(client.destroyed)
  await close(client)
})

test('a socket whose other side never ends is destroyed at the limit', async (t) => {
  const [client, server] = await socketPair(t, { allowHalfOpen: true })
  const { context, reachLimit } = hookContext()
  const closing = closeResource(findCloser('socket', client), context).catch((error: Error) => error.name)
  server.resume()
  await once(server, 'end')
  reachLimit()
  assert.is(await closing, 'TimeoutError')
  assert.ok(client.destroyed)
})

test('an HTTP/2 session finishes its streams before it is closed, and is destroyed at the limit', async (t) => {
  const server = createHttp2Server()
  const streams: import('node:http2').ServerHttp2Stream[] = []
  server.on('stream', (stream) => void streams.push(stream.on('error', () => {})))
  await listen(t, server as unknown as Server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const session = connectHttp2(url)
  const request = session.request()
  const [stream] = await once(server, 'stream')
  const order: string[] = []
  const closing = close(session).then(() => order.push('closed'))
  const answered = text(request).then((body) => order.push(body))
  stream.respond()
  stream.end('answer')
  await Promise.all([closing, answered])
  assert.equal(order, ['answer', 'closed'])
  await close(session)

  const hanging = connectHttp2(url)
  const lost = once(
    hanging.request().on('error', () => {}),
    'close',
  )
  await once(server, 'stream')
  const { context, reachLimit } = hookContext()
  const late = closeResource(findCloser('session', hanging), context).catch((error: Error) => error.name)
  reachLimit()
  assert.is(await late, 'TimeoutError')
  await lost
})

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lastcall-resource-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function listen(t: TestContext, server: Server): Promise<void> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => void server.close())
}

async function socketPair(t: TestContext, options: { allowHalfOpen?: boolean } = {}): Promise<[Socket, Socket]> {
  const server = createServer(options)
  await listen(t, server)
  const accepted = once(server, 'connection')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [other] = (await accepted) as [Socket]
  t.after(() => other.destroy())
  await once(client, 'connect').catch(() => {})
  return [client, other]
}
