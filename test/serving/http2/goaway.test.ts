import { once } from 'node:events'
import { mkdtempSync, rmSync, stat } from 'node:fs'
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerResponse,
} from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { registered } from '../../support/draining.ts'
import { heldHttp2 } from '../../support/held-http2.ts'
import { bodyOf, http2Client } from '../../support/http2-client.ts'
import { rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** With empty SETTINGS. */
const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))])

test('what is pushed when the session is told may be lost, but raises no error that ends the process', async (t) => {
  const pushes: Http2ServerResponse[] = []
  const server = createHttp2Server((_, response) => {
    response.createPushResponse({ ':path': '/pushed' }, (_, push) => {
      pushes.push(push)
    })
    response.end('answer')
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { drain } = registered(server)
  const client = await http2Client(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const pushed = once(client.session, 'stream')
  assert.is(await client.get('/'), 'answer')
  const [stream] = (await pushed) as [ClientHttp2Stream]
  stream.on('error', () => {})
  const draining = drain()
  await until('the client was told', () => client.goaways.length > 0)
  for (const push of pushes) push.end('pushed')
  await draining.done
})

for (const secure of [false, true]) {
  const over = secure ? 'over TLS' : 'in plain text'

  test(`a stream in flight finishes behind the GOAWAY that names it, and its session ends, ${over}`, async (t) => {
    const http2 = await heldHttp2(t, { secure })
    const { drain } = registered(http2.server)
    const client = await http2Client(t, http2.url)
    const answer = client.get('/held')
    await http2.holds(1)
    const draining = drain()
    await until('the client was told', () => client.goaways.length > 0)
    assert.is(client.goaways[0], 1)
    assert.not(draining.isDone)
    http2.answer()
    assert.is(await answer, 'answer')
    await Promise.all([draining.done, client.closed])
    assert.equal({ ...draining.counts }, { finished: 1, cut: 0, refusedLate: 0, connections: { announced: 1 } })
    assert.equal([draining.kind, draining.address], ['http2', new URL(http2.url).host])
  })

  test(`of a hundred streams on ten sessions none is lost, and idle sessions end with them, ${over}`, async (t) => {
    const http2 = await heldHttp2(t, { secure })
    const { drain } = registered(http2.server)
    const clients = await Promise.all(Array.from({ length: 12 }, () => http2Client(t, http2.url)))
    const answers = clients.slice(0, 10).flatMap((client) => Array.from({ length: 10 }, () => client.get('/held')))
    await http2.holds(100)
    const draining = drain()
    await Promise.all(clients.slice(10).map(({ closed }) => closed))
    http2.answer()
    const got = await Promise.all(answers)
    assert.equal(
      got.filter((body) => body !== 'answer'),
      [],
    )
    await draining.done
    assert.equal({ ...draining.counts }, { finished: 100, cut: 0, refusedLate: 0, connections: { announced: 12 } })
  })

  test(`at the limit a half-sent answer is cut, so that the client sees an error and no end, ${over}`, async (t) => {
    const http2 = await heldHttp2(t, { secure })
    const { drain } = registered(http2.server)
    const client = await http2Client(t, http2.url)
    const [half, none] = [client.get('/half'), client.get('/none')]
    await http2.holds(2)
    http2.held[0]?.respond({ ':status': 200 })
    http2.held[0]?.write('half an ans')
    const draining = drain()
    await until('the client was told', () => client.goaways.length > 0)
    draining.reachLimit()
    await draining.done
    assert.equal(await Promise.all([half, none]), ['NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_INTERNAL_ERROR'])
    assert.equal({ ...draining.counts }, { finished: 0, cut: 2, refusedLate: 0, connections: { destroyed: 1 } })
  })
}

test('under requests that never pause every one is answered, or refused so that it may be repeated', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const clients = await Promise.all(Array.from({ length: 10 }, () => http2Client(t, http2.url)))
  const seen: Record<string, number> = {}
  const load = clients.map(async ({ session }) => {
    while (!session.destroyed && !session.closed) {
      const answers = Array.from({ length: 10 }, () => bodyOf(session.request({ ':path': '/now' })))
      for (const body of await Promise.all(answers)) seen[body] = (seen[body] ?? 0) + 1
    }
  })
  await until('the load runs', () => (seen.now ?? 0) > 500)
  const draining = drain()
  await Promise.all([...load, draining.done])
  // What a client's own session had not sent yet when it read the GOAWAY it refuses to itself.
  const lost = Object.keys(seen).filter(
    (body) => !['now', 'NGHTTP2_REFUSED_STREAM', 'ERR_HTTP2_GOAWAY_SESSION'].includes(body),
  )
  assert.equal(lost, [], JSON.stringify(seen))
  assert.equal([draining.counts.cut, draining.counts.connections], [0, { announced: 10 }])
})

test('a client hears at once that what it sent behind the GOAWAY is not begun', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const socket = connect(Number(new URL(http2.url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  let got = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    got = Buffer.concat([got, bytes])
  })
  // GET http://a/ as indices of HPACK's static table.
  const request = (stream: number) => frame(1, 5, stream, Buffer.from('828684410161', 'hex'))
  socket.write(Buffer.concat([PREFACE, request(1)]))
  await http2.holds(1)
  const draining = drain()
  await until('the last stream has come', () => got.includes(frame(7, 0, 0, Buffer.from('0000000100000000', 'hex'))))
  socket.write(request(3))
  http2.answer('served')
  await until('the answer has come', () => got.includes('served'))
  await draining.done
  assert.equal({ ...draining.counts }, { finished: 1, cut: 0, refusedLate: 0, connections: { announced: 1 } })
})

test('a client between two requests is told with its next one', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  assert.is(await client.get('/now'), 'now')
  const draining = drain({ idleMs: 60_000 })
  await pause(50)
  assert.equal(client.goaways, [])
  assert.is(await client.get('/now'), 'now')
  await draining.done
  assert.equal([client.goaways[0], draining.counts.finished], [3, 1])
})

test('a connection that never sent a byte is gone in about a second, counted apart', async (t) => {
  for (const secure of [false, true]) {
    const http2 = await heldHttp2(t, { secure })
    const { drain } = registered(http2.server)
    const socket = connect(Number(new URL(http2.url).port), '127.0.0.1')
      .on('error', () => {})
      .resume()
    t.after(() => socket.destroy())
    await once(http2.server, 'connection')
    const draining = drain()
    await Promise.all([once(socket, 'close'), draining.done])
    assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: { silent: 1 } })
  }
})

test('a session that begins during the drain is served, told and ended', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const first = await http2Client(t, http2.url)
  const answer = first.get('/held')
  await http2.holds(1)
  // Waits in the accept queue when the drain begins, as far as this process is concerned.
  const socket = connect(Number(new URL(http2.url).port), '127.0.0.1')
  await once(http2.server, 'connection')
  const second = connectHttp2('http://late', { createConnection: () => socket })
  second.on('error', () => {})
  t.after(() => second.destroy())
  const draining = drain()
  assert.is(await bodyOf(second.request({ ':path': '/now' })), 'now')
  http2.answer()
  assert.is(await answer, 'answer')
  await draining.done
  assert.equal(draining.counts.connections, { announced: 2 })
})

test('a request that has come while the event loop stood still is served, and not behind the GOAWAY', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await rawClient(t, { port: (http2.server.address() as AddressInfo).port })
  // GET / on stream 1, whole.
  const get = frame(1, 5, 1, Buffer.from('828684410161', 'hex'))
  client.socket.write(PREFACE)
  await client.gets(/./s)
  const draining = drain()
  // In a callback of the poll phase, for longer than an idle session stays: timers are looked at before the sockets, then.
  await new Promise<void>((resolve) => {
    stat('.', () => {
      client.socket.write(get)
      for (const end = performance.now() + 300; performance.now() < end; );
      resolve()
    })
  })
  await http2.holds(1)
  http2.answer()
  await client.gets(/answer/)
  client.socket.end()
  await draining.done
  assert.equal([draining.counts.finished, draining.counts.connections], [1, { announced: 1 }])
})

test('a client that does not read is stalled, and not cut', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  const stream = client.open({ ':path': '/large' })
  stream.on('error', () => {}).pause()
  await http2.holds(1)
  http2.held[0]?.respond({ ':status': 200 })
  http2.held[0]?.end(Buffer.alloc(4 << 20))
  const draining = drain()
  await until('the client was told', () => client.goaways.length > 0)
  draining.reachLimit()
  await draining.done
  assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: { stalled: 1 } })
})

test('a client that leaves in the middle is counted as one that left', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const client = await http2Client(t, http2.url)
  void client.get('/held')
  await http2.holds(1)
  const draining = drain()
  await until('the client was told', () => client.goaways.length > 0)
  client.session.destroy()
  await draining.done
  assert.equal({ ...draining.counts }, { finished: 0, cut: 0, refusedLate: 0, connections: { left: 1 } })
})

test('a unix socket is drained as a port is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-http2-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const http2 = await heldHttp2(t, { listen: false })
  const { drain } = registered(http2.server)
  const path = join(folder, 'http2.sock')
  await once(http2.server.listen(path), 'listening')
  const client = await http2Client(t, 'http://unix', { createConnection: () => connect(path) })
  const answer = client.get('/held')
  await http2.holds(1)
  const draining = drain()
  http2.answer()
  assert.is(await answer, 'answer')
  await draining.done
  assert.equal([draining.address, draining.counts.connections], [path, { announced: 1 }])
})

test('a server that never listened, or was closed before, is done at once', async (t) => {
  const never = await heldHttp2(t, { listen: false })
  const draining = registered(never.server).drain()
  await draining.done
  assert.equal([draining.address, draining.counts.connections], [null, {}])
  const closed = await heldHttp2(t)
  const { drain } = registered(closed.server)
  closed.server.close()
  await drain().done
})

test('streams of a server that the app closed before or during the drain finish', async (t) => {
  for (const when of ['before', 'during']) {
    const http2 = await heldHttp2(t)
    const { drain } = registered(http2.server)
    const client = await http2Client(t, http2.url)
    const answer = client.get('/held')
    await http2.holds(1)
    if (when === 'before') http2.server.close()
    const draining = drain()
    if (when === 'during') http2.server.close()
    await pause(0)
    assert.not(draining.isDone, when)
    http2.answer()
    assert.is(await answer, 'answer', when)
    await draining.done
    assert.is(draining.counts.finished, 1, when)
  }
})

test('sessions that were there before the server was registered finish their streams', async (t) => {
  for (const secure of [false, true]) {
    const http2 = await heldHttp2(t, { secure })
    const client = await http2Client(t, http2.url)
    const answer = client.get('/held')
    await http2.holds(1)
    const draining = registered(http2.server).drain()
    // Longer than a handshake may take.
    await pause(1_100)
    http2.answer()
    assert.is(await answer, 'answer')
    client.session.close()
    await draining.done
    assert.is(draining.counts.cut, 0)
  }
})

test('nothing stays on the server when it was drained or taken off', async (t) => {
  for (const secure of [false, true]) {
    const { server } = await heldHttp2(t, { secure })
    const listeners = () => server.eventNames().map((name) => [name, server.listenerCount(name)])
    const before = listeners()
    registered(server).release()
    assert.equal(listeners(), before)
    await registered(server).drain().done
    await pause(0)
    assert.equal(listeners(), before)
  }
})

test('a session on a stream that the app has handed in is drained, before the drain and in it', async (t) => {
  const http2 = await heldHttp2(t)
  const { drain } = registered(http2.server)
  const handIn = () => {
    const [mine, yours] = duplexPair()
    setImmediate(() => http2.server.emit('connection', yours))
    return mine
  }
  const early = (await http2Client(t, 'http://pair', { createConnection: handIn })).get('/held')
  await http2.holds(1)
  const draining = drain()
  const late = (await http2Client(t, 'http://pair', { createConnection: handIn })).get('/held')
  await http2.holds(2)
  // Longer than a handshake may take.
  await pause(1_100)
  http2.answer()
  assert.equal([await early, await late], ['answer', 'answer'])
  await draining.done
  assert.equal([draining.counts.finished, draining.counts.cut, draining.counts.connections.silent], [2, 0, undefined])
})

function duplexPair(): [Duplex, Duplex] {
  const ends: Duplex[] = [0, 1].map(
    (side) =>
      new Duplex({
        read: () => {},
        write: (bytes, _, done) => {
          ends[1 - side]?.push(bytes)
          done()
        },
        final: (done) => {
          ends[1 - side]?.push(null)
          done()
        },
      }),
  )
  return ends as [Duplex, Duplex]
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream]), payload])
}
