import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { endListener } from '../../../lib/serving/listener/end-listener.ts'
import { handleOf } from '../../../lib/serving/listener/listening-handle.ts'
import { closeByPlug } from '../../../lib/serving/listener/plug.ts'
import { smallestBacklog } from '../../../lib/serving/listener/smallest-backlog.ts'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { rawClient } from '../../support/raw-client.ts'
import { type TestContext, test } from '../../support/suite.ts'

const never = new AbortController().signal

for (const [title, host, reach] of [
  ['IPv4', '127.0.0.1', '127.0.0.1'],
  ['IPv6', '::1', '::1'],
  ['every IPv4 address', '0.0.0.0', '127.0.0.1'],
  ['every address', '::', '127.0.0.1'],
  ['a chosen address', '127.0.0.7', '127.0.0.7'],
] as const) {
  test(`on ${title}, nobody sees the plug, and who waited in the queue is accepted`, async (t) => {
    const server = await listening(t, createNetServer(), host)
    const { port } = server.address() as AddressInfo
    const { accepted, theirs } = await queued(t, server, reach)
    await endListener(server, never)
    assert.is(server.listening, false)
    assert.equal(accepted.sort(), await theirs())
    assert.is(await refused(t, port, reach), 'ECONNREFUSED')
  })
}

test('the plug is what closes a TCP listener on this line of Node', async (t) => {
  const server = await listening(t, createServer())
  const address = server.address() as AddressInfo
  const handle = handleOf(server)
  assert.ok(handle, 'Node keeps its handle elsewhere: the plug cannot work')
  assert.is(await closeByPlug({ handle, address, isOpen: () => server.listening, close: () => server.close() }), true)
  assert.is(server.listening, false)
})

for (const backlog of [0, 1, 2]) {
  test(`with a backlog of ${backlog}, whoever waited in the queue is accepted, and nobody behind them`, async (t) => {
    const server = await listening(t, createNetServer())
    const address = server.address() as AddressInfo
    const handle = handleOf(server)
    assert.ok(handle)
    const { accepted, theirs } = await queued(t, server, '127.0.0.1')
    const listener = { handle, address, isOpen: () => server.listening, close: () => server.close() }
    assert.is(await closeByPlug(listener, backlog), true)
    assert.equal([server.listening, accepted.sort()], [false, await theirs()])
  })
}

test('a backlog of 0 is for kernels that let somebody in with it', () => {
  const backlogs = ['6.18.44-fc', '6.13.0', '7.0.1', '6.12.9-talos', '5.15.0-1084-gke', '4.4.0'].map((release) =>
    smallestBacklog(release),
  )
  assert.equal(backlogs, [0, 0, 0, 1, 1, 1])
})

test('a listener that the app closes meanwhile, has closed, or never opened is done', async (t) => {
  const server = await listening(t, createNetServer())
  const ended = endListener(server, never)
  server.close()
  await ended
  await endListener(server, never)
  await endListener(createNetServer(), never)
})

test('where nobody lets us in it gives up after a second, and the listener closes all the same', async (t) => {
  const server = await listening(t, createNetServer())
  const handle = handleOf(server)
  assert.ok(handle)
  // A queue that nobody accepts from: full with the first.
  handle.onconnection = () => {}
  const { port } = server.address() as AddressInfo
  handle.listen(0)
  const held = await rawClient(t, { port })
  const startedAt = performance.now()
  const blocked = setInterval(() => {}, 1_000)
  t.after(() => clearInterval(blocked))
  await endListener(server, never)
  assert.is(server.listening, false)
  assert.ok(performance.now() - startedAt < 5_000)
  held.socket.destroy()
})

test('at the limit it closes at once', async (t) => {
  const server = await listening(t, createNetServer())
  await endListener(server, AbortSignal.abort())
  assert.is(server.listening, false)
})

test('who waits in the queue of a unix socket is accepted, and nobody sees the plug', async (t) => {
  const { path, server, accepted } = await onUnixSocket(t, 'queue')
  const clients = Array.from({ length: 20 }, () => rawClient(t, { path }))
  await endListener(server, never)
  await Promise.all(clients)
  assert.equal([server.listening, accepted()], [false, 20])
  await rawClient(t, { path }).then(
    () => assert.unreachable('somebody listens'),
    (error) => assert.match(error.code, /ENOENT|ECONNREFUSED/),
  )
})

for (const [what, listen, stillMs] of [
  ['a unix socket whose loop stands still now and then', (server: Server) => server.listen(pathOf('load')), 1],
  ['a port whose loop stands still now and then', (server: Server) => server.listen(0), 1],
  ['a port whose loop stands still for longer than the plug tries', (server: Server) => server.listen(0), 1_200],
] as const) {
  test(`under load on ${what}, who has connected is answered`, async (t) => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      if (stillMs === 1) standStill(stillMs)
      socket.end('hello')
    })
    t.after(() => server.close())
    listen(server)
    await once(server, 'listening')
    const clients = await startProgram(t, [process.execPath, '-e', LOAD, JSON.stringify(server.address())])
    if (stillMs > 1) setTimeout(standStill, 3, stillMs)
    await endListener(server, never)
    const { stdout } = await clients.exited
    assert.match(stdout, / lost 0\n/)
  })
}

for (const [what, listen] of [
  ['port', (server: Server) => server.listen(0)],
  ['unix socket', (server: Server) => server.listen(pathOf('forbidden'))],
] as const) {
  test(`where a process may not connect to its own ${what} it closes all the same`, async (t) => {
    const server = createNetServer()
    listen(server)
    await once(server, 'listening')
    const { connect } = Socket.prototype
    t.after(() => {
      Socket.prototype.connect = connect
    })
    Socket.prototype.connect = () => {
      throw new Error('no network in tests')
    }
    await endListener(server, never)
    assert.is(server.listening, false)
  })
}

test('an inherited socket is left its queue: whoever handed it to us may still accept from it', async (t) => {
  const server = await listening(t, createNetServer())
  process.env.LISTEN_FDS = '1'
  t.after(() => delete process.env.LISTEN_FDS)
  assert.is(handleOf(server), undefined)
  await endListener(server, never)
  assert.is(server.listening, false)
})

test(
  'with another process on the same port the plug gives up, and the listener closes',
  async (t) => {
    const server = createNetServer()
    t.after(() => server.close())
    server.listen({ port: 0, host: '127.0.0.1', reusePort: true })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const script = `require('net').createServer().listen({ port: ${port}, host: '127.0.0.1', reusePort: true }, () => console.log('ready'))`
    await startProgram(t, [process.execPath, '-e', script])
    await endListener(server, never)
    assert.is(server.listening, false)
    const client = await rawClient(t, { port })
    assert.ok(client.socket.remotePort === port)
  },
  { skip: can.node(24) },
)

/** In a process of their own, since clients of this loop never queue up while it stands still: 40, one request after the other. */
const LOAD = `
  const { connect } = require('node:net')
  const address = JSON.parse(process.argv[1])
  const to = typeof address === 'string' ? { path: address } : { port: address.port, host: '127.0.0.1' }
  let lost = 0, served = 0
  function client() {
    let isConnected = false, text = ''
    connect(to)
      .on('connect', () => (isConnected = true))
      .on('data', (bytes) => (text += bytes))
      .on('error', () => {})
      .on('close', () => {
        if (!isConnected) return
        if (text === 'hello') served++
        else lost++
        if (served === 200) console.log('ready')
        client()
      })
  }
  for (let n = 0; n < 40; n++) client()
  process.on('exit', () => console.log('served', served, 'lost', lost))
`

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function pathOf(name: string): string {
  return join(tmpdir(), `lastcall-${name}-${process.pid}.sock`)
}

/** Twenty clients that are established in the kernel, and of which this loop has accepted none; the ports that they have. */
async function queued(t: TestContext, server: Server, host: string) {
  const { port } = server.address() as AddressInfo
  const accepted: (number | undefined)[] = []
  server.on('connection', (socket) => accepted.push(socket.remotePort))
  const clients = Array.from({ length: 20 }, () => rawClient(t, { port, host }))
  // Node connects in a tick.
  await new Promise<void>((resolve) => process.nextTick(resolve))
  const theirs = async () => (await Promise.all(clients)).map(({ socket }) => socket.localPort).sort()
  return { accepted, theirs }
}

async function onUnixSocket(t: TestContext, name: string) {
  const path = pathOf(name)
  const server = createNetServer()
  t.after(() => server.close())
  server.listen(path)
  await once(server, 'listening')
  let accepted = 0
  server.on('connection', () => accepted++)
  return { path, server, accepted: () => accepted }
}

async function listening<S extends Server>(t: TestContext, server: S, host = '127.0.0.1'): Promise<S> {
  t.after(() => server.close())
  server.listen(0, host)
  await once(server, 'listening')
  return server
}

async function refused(t: TestContext, port: number, host: string): Promise<unknown> {
  try {
    await rawClient(t, { port, host })
    return 'connected'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}
