import { once } from 'node:events'
import { mkdtempSync, rmSync, stat } from 'node:fs'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import * as assert from 'uvu/assert'
import { certificate } from '../../support/certificate.ts'
import { registered } from '../../support/draining.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

for (const secure of [false, true]) {
  const kind = secure ? 'tls' : 'net'

  test(`${kind}: nobody new gets in, and whoever is there is left to the app`, async (t) => {
    const { server, drain, client, accepted } = await rawServer(t, secure)
    const one = await client()
    await until('it is accepted', () => accepted.length === 1)
    accepted[0]?.on('data', (bytes: Buffer) => accepted[0]?.end(`you said ${bytes}`))
    one.socket.write('first')
    await until('it has spoken', () => one.text === 'you said first')
    await one.ended
    const two = await client()
    await until('it is accepted', () => accepted.length === 2)
    accepted[1]?.write('hello')
    await until('it was greeted', () => two.text === 'hello')
    const { port } = server.address() as AddressInfo
    const draining = drain()
    await until('nobody listens', () => !server.listening)
    const refused = connect(port, '127.0.0.1')
    assert.is(((await once(refused, 'error').catch((error) => [error])) as [{ code: string }])[0].code, 'ECONNREFUSED')
    assert.not(draining.isDone)
    accepted[1]?.end(', goodbye')
    await Promise.all([draining.done, two.ended])
    assert.equal([two.text, await two.ended], ['hello, goodbye', 'end'])
    assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: {} })
    assert.equal([draining.kind, draining.address], [kind, `127.0.0.1:${port}`])
  })

  test(`${kind}: at the limit what was written still comes, then the end`, async (t) => {
    const { drain, client, accepted } = await rawServer(t, secure)
    const one = await client()
    await until('it is accepted', () => accepted.length === 1)
    const draining = drain()
    accepted[0]?.write('the last word')
    draining.reachLimit()
    await draining.done
    assert.equal([await one.ended, one.text], ['end', 'the last word'])
    assert.is(accepted[0]?.writableFinished, true)
    assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: { destroyed: 1 } })
  })

  test(`${kind}: where neither side says a word for a second the connection is ended`, async (t) => {
    const { drain, client } = await rawServer(t, secure)
    // Over TLS a connection has spoken when its handshake is over: this one has not begun.
    const one = await client({ handshake: false })
    const draining = drain()
    await Promise.all([draining.done, one.ended])
    assert.equal(draining.counts.connections, { silent: 1 })
  })

  test(`${kind}: with idleMs a pause of both sides ends the connection`, async (t) => {
    const { drain, client, accepted } = await rawServer(t, secure)
    const one = await client()
    await until('it is accepted', () => accepted.length === 1)
    accepted[0]?.write('hello')
    await until('it was greeted', () => one.text === 'hello')
    const draining = drain({ idleMs: 100 })
    await draining.done
    assert.equal([await one.ended, draining.counts.connections], ['end', { idle: 1 }])
  })

  test(`${kind}: nothing stays on the server when it was drained or taken off`, async (t) => {
    const { server } = await rawServer(t, secure)
    const listeners = () => server.eventNames().map((name) => [name, server.listenerCount(name)])
    const before = listeners()
    registered(server).release()
    assert.equal(listeners(), before)
    await registered(server).drain().done
    assert.equal(listeners(), before)
  })
}

test('a client in the middle of its TLS handshake is gone in about a second', async (t) => {
  const { drain, client } = await rawServer(t, true)
  const one = await client({ handshake: false })
  // The head of a record that never comes.
  one.socket.write(Buffer.from('1603010200', 'hex'))
  await until('it was read', () => one.socket.bytesWritten === 5)
  const draining = drain()
  await Promise.all([draining.done, one.ended])
  assert.equal(draining.counts.connections, { handshaking: 1 })
})

test('a unix socket, one that the app closes meanwhile, one that never listened', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-net-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { server, client, accepted, drain } = await rawServer(t, false, join(folder, 'net.sock'))
  await client()
  await until('it is accepted', () => accepted.length === 1)
  const draining = drain()
  server.close()
  accepted[0]?.end()
  await draining.done
  assert.is(draining.address, join(folder, 'net.sock'))

  const never = registered(createServer()).drain()
  await never.done
  assert.is(never.address, null)
})

test('an app that writes on behind our end does not die of it', async (t) => {
  // Nobody listens to `error` here: unheard it would end the process, and this test.
  const server = createServer((socket) => void socket.on('data', () => socket.write('too late')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  t.after(() => client.destroy())
  const accepted = once(server, 'connection')
  const ended = once(client.resume(), 'end')
  await accepted
  const draining = registered(server).drain()
  await ended
  client.end('hello')
  await draining.done
  assert.equal(draining.counts.connections, { silent: 1 })
})

test('a connection that the app has paused is not taken for a silent one', async (t) => {
  let accepted: Socket | undefined
  const server = createServer({ pauseOnConnect: true }, (socket) => (accepted = socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8')
  t.after(() => client.destroy())
  let text = ''
  client.on('data', (some: string) => (text += some)).write('question')
  await until('it is accepted', () => accepted)
  const draining = registered(server).drain()
  // Longer than a silent one is given.
  await sleep(1_500)
  accepted?.on('data', (question: Buffer) => accepted?.end(`answer to ${question}`)).resume()
  await draining.done
  assert.is(text, 'answer to question')
})

test('tls: a connection that was there before the server was registered is left to the app', async (t) => {
  const { server, client, accepted } = await rawServer(t, true)
  const one = await client()
  await until('it is accepted', () => accepted.length === 1)
  const draining = registered(server).drain()
  accepted[0]?.resume()
  one.socket.write('question')
  // Longer than a handshake is given.
  await sleep(1_500)
  accepted[0]?.end('answer')
  await draining.done
  assert.equal([await one.ended, one.text], ['end', 'answer'])
})

test('what has come while the event loop stood still is read before anybody is called silent', async (t) => {
  const { drain, client, accepted } = await rawServer(t, false)
  const one = await client()
  await until('it is accepted', () => accepted.length === 1)
  accepted[0]?.on('data', () => accepted[0]?.end('in time'))
  const draining = drain()
  // In a callback of the poll phase: timers are looked at before the sockets, then.
  await new Promise<void>((resolve) => {
    stat('.', () => {
      one.socket.write('question')
      for (const end = performance.now() + 1_500; performance.now() < end; );
      resolve()
    })
  })
  await draining.done
  assert.equal([one.text, draining.counts.connections], ['in time', {}])
})

/** A server that does nothing by itself; the test holds both ends. */
async function rawServer(t: TestContext, secure: boolean, path?: string) {
  const accepted: Socket[] = []
  const keep = (socket: Socket): void => void accepted.push(socket.on('error', () => {}))
  const server = secure ? createTlsServer(certificate, keep) : createServer(keep)
  await once(path ? server.listen(path) : server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const to = (path ? { path } : { port: (server.address() as AddressInfo).port, host: '127.0.0.1' }) as NetConnectOpts
  const client = async ({ handshake = secure }: { handshake?: boolean } = {}) => {
    const socket = handshake ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    t.after(() => socket.destroy())
    const got: Buffer[] = []
    socket.on('data', (bytes: Buffer) => got.push(bytes))
    const ended = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('end'))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      socket.once('close', () => resolve('close'))
    })
    const known = once(server, 'connection')
    await once(socket, handshake ? 'secureConnect' : 'connect')
    await known
    return {
      ...{ socket, ended },
      get text() {
        return Buffer.concat(got).toString()
      },
    }
  }
  return { ...registered(server), server, client, accepted }
}
