import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import * as assert from 'uvu/assert'
import { registered } from '../../support/draining.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

test('calls in flight finish, unary and streaming, and are counted', async (t) => {
  const grpc = await grpcServer(t)
  const { drain } = registered(grpc.server)
  const [unary, streaming] = [grpc.unary(), grpc.streaming()]
  await until('both have arrived', () => grpc.unaries.length === 1 && grpc.streams.length === 1)
  const draining = drain()
  await until('nobody listens', async () => (await grpc.newClient().unary()) === 'UNAVAILABLE')
  assert.not(draining.isDone)
  grpc.unaries[0]?.(null, Buffer.from('answer'))
  grpc.streams[0]?.write(Buffer.from('one'))
  grpc.streams[0]?.write(Buffer.from('two'))
  grpc.streams[0]?.end()
  assert.equal([await unary, await streaming], ['answer', 'one two'])
  await draining.done
  assert.equal({ ...draining.counts }, { finished: 2, cut: 0, refusedLate: 0, connections: { announced: 1 } })
  assert.equal([draining.kind, draining.address], ['grpc', `127.0.0.1:${grpc.port}`])
})

test('at the limit calls are cut, and the client hears UNAVAILABLE, which it may repeat', async (t) => {
  const grpc = await grpcServer(t)
  const { drain } = registered(grpc.server)
  const [unary, streaming] = [grpc.unary(), grpc.streaming()]
  await until('both have arrived', () => grpc.unaries.length === 1 && grpc.streams.length === 1)
  grpc.streams[0]?.write(Buffer.from('one'))
  const draining = drain()
  draining.reachLimit()
  await draining.done
  assert.equal([await unary, await streaming], ['UNAVAILABLE', 'UNAVAILABLE'])
  assert.equal({ ...draining.counts }, { finished: 0, cut: 2, refusedLate: 0, connections: { destroyed: 1 } })
})

test('an answer with an error is an answer', async (t) => {
  const grpc = await grpcServer(t)
  const { drain } = registered(grpc.server)
  const unary = grpc.unary()
  await until('it has arrived', () => grpc.unaries.length === 1)
  const draining = drain()
  grpc.unaries[0]?.({ code: status.NOT_FOUND })
  assert.is(await unary, 'NOT_FOUND')
  await draining.done
  assert.equal([draining.counts.finished, draining.counts.cut], [1, 0])
})

test('a server that was never bound, or that the app has shut down, is done at once', async (t) => {
  const never = registered(new Server()).drain()
  await never.done
  assert.is(never.address, null)
  const { server } = await grpcServer(t)
  const { drain } = registered(server)
  server.forceShutdown()
  await drain().done
})

test('where its ports are not to be found the server drains by itself, and is forced at the limit', async (t) => {
  const grpc = await grpcServer(t)
  // What a later version may call otherwise.
  const hidden = new Proxy(grpc.server, {
    get: (server, key) => {
      const value = key === 'http2Servers' ? undefined : Reflect.get(server, key)
      return typeof value === 'function' ? value.bind(server) : value
    },
  })
  const { drain } = registered(hidden)
  const unary = grpc.unary()
  await until('it has arrived', () => grpc.unaries.length === 1)
  const draining = drain()
  draining.reachLimit()
  await draining.done
  assert.match(await unary, /^(CANCELLED|UNAVAILABLE)$/)
})

/** A server that holds its calls until the test answers, and a client. */
async function grpcServer(t: TestContext) {
  const bytes = (buffer: Buffer): Buffer => buffer
  const codec = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  const server = new Server()
  const unaries: sendUnaryData<Buffer>[] = []
  const streams: ServerWritableStream<Buffer, Buffer>[] = []
  server.addService(
    {
      unary: { path: '/test/unary', requestStream: false, responseStream: false, ...codec },
      streaming: { path: '/test/streaming', requestStream: false, responseStream: true, ...codec },
    },
    {
      unary: (_call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => void unaries.push(done),
      streaming: (call: ServerWritableStream<Buffer, Buffer>) => void streams.push(call),
    },
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  t.after(() => server.forceShutdown())
  const newClient = () => {
    // A pool of its own: clients of one process share their connections else.
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    })
    t.after(() => client.close())
    return {
      unary: () =>
        new Promise<string>((resolve) =>
          client.makeUnaryRequest('/test/unary', bytes, bytes, Buffer.alloc(0), (error, body) =>
            resolve(error ? (status[error.code] ?? '') : String(body)),
          ),
        ),
      streaming: () =>
        new Promise<string>((resolve) => {
          const got: string[] = []
          const call = client.makeServerStreamRequest('/test/streaming', bytes, bytes, Buffer.alloc(0))
          call.on('data', (body: Buffer) => got.push(String(body)))
          call.on('error', (error: Error & { code: number }) => resolve(status[error.code] ?? ''))
          call.on('end', () => resolve(got.join(' ')))
        }),
    }
  }
  return { server, port, unaries, streams, newClient, ...newClient() }
}
