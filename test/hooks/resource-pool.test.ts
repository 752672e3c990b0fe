import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials, Client as GrpcClient, Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js'
import { createPool } from 'generic-pool'
import { Piscina } from 'piscina'
import { Agent, Client, Pool, request } from 'undici'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

test('an undici dispatcher finishes its requests before the close, and destroys them at the limit', async (t) => {
  const { url, nextResponse } = await startServer(t)
  for (const open of [() => new Agent(), () => new Pool(url), () => new Client(url)]) {
    const graceful = open()
    const closer = findCloser('http', graceful)
    assert.is(closer.how, 'dispatcher.close()')
    const answer = request(url, { dispatcher: graceful }).then(({ body }) => body.text())
    const response = await nextResponse()
    const closed = closeResource(closer, hookContext().context)
    response.end('answer')
    assert.is(await answer, 'answer')
    await closed
    await closeResource(closer, hookContext().context)

    const hanging = open()
    const cut = request(url, { dispatcher: hanging }).catch(() => 'cut off')
    await nextResponse()
    const { context, reachLimit } = hookContext()
    const late = closeResource(findCloser('http', hanging), context).catch((error: Error) => error.name)
    reachLimit()
    assert.equal([await late, await cut], ['TimeoutError', 'cut off'])
  }
})

test('piscina finishes its tasks before the close, and ends its threads at the limit', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-piscina-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, 'task.mjs')
  // Counts itself in the first number, and ends when the second says so.
  writeFileSync(filename, 'export default (m) => { Atomics.add(m, 0, 1); Atomics.wait(m, 1, 0); return "done" }')
  const open = () => new Piscina({ filename, maxThreads: 1 })
  const memory = () => new Int32Array(new SharedArrayBuffer(8))
  const started = (shared: Int32Array) =>
    until(
      'the task runs',
      () => Atomics.load(shared, 0),
      (tasks) => tasks === 1,
    )

  const graceful = open()
  const shared = memory()
  const answer = graceful.run(shared)
  await started(shared)
  const closed = closeResource(findCloser('threads', graceful), hookContext().context)
  Atomics.store(shared, 1, 1)
  Atomics.notify(shared, 1)
  assert.is(await answer, 'done')
  await closed
  assert.is(graceful.threads.length, 0)
  await closeResource(findCloser('threads', graceful), hookContext().context)

  const hanging = open()
  const stuck = memory()
  const cut = hanging.run(stuck).catch(() => 'cut off')
  await started(stuck)
  const { context, reachLimit } = hookContext()
  const late = closeResource(findCloser('threads', hanging), context).catch((error: Error) => error.name)
  reachLimit()
  assert.equal([await late, await cut, hanging.threads.length], ['TimeoutError', 'cut off', 0])
})

test('generic-pool waits for what is borrowed, then destroys each resource once', async () => {
  const destroyed: number[] = []
  const pool = createPool({ create: async () => 1, destroy: async (one: number) => void destroyed.push(one) })
  const borrowed = await pool.acquire()
  const closed = closeResource(findCloser('pool', pool), hookContext().context)
  assert.equal(destroyed, [])
  await pool.release(borrowed)
  await closed
  assert.equal(destroyed, [1])
  await closeResource(findCloser('pool', pool), hookContext().context) // closed already, and that is fine
  assert.equal(destroyed, [1])
})

type Answer = (error: null, answer: Buffer) => void

test('a gRPC server belongs to the phase drain; its calls finish, and are cut off at the limit', async (t) => {
  const bytes = (buffer: Buffer): Buffer => buffer
  const method = { path: '/test/hold', requestStream: false, responseStream: false }
  const codec = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  const open = async () => {
    const server = new GrpcServer()
    const held: Answer[] = []
    server.addService(
      { hold: { ...method, ...codec } },
      { hold: (_call: unknown, done: Answer) => void held.push(done) },
    )
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    const client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure())
    t.after(() => client.close())
    const answer = new Promise<string>((resolve) =>
      client.makeUnaryRequest(method.path, bytes, bytes, Buffer.alloc(0), (error, body) =>
        resolve(error ? 'cut off' : String(body)),
      ),
    )
    await until('the call has arrived', () => held.length === 1)
    return { server, answer, release: () => held[0]?.(null, Buffer.from('answer')) }
  }

  const graceful = await open()
  const closer = findCloser('grpc', graceful.server)
  assert.equal([closer.how, closer.defaultPhase], ['server.tryShutdown()', 'drain'])
  const closed = closeResource(closer, hookContext().context)
  graceful.release()
  assert.is(await graceful.answer, 'answer')
  await closed

  const hanging = await open()
  const { context, reachLimit } = hookContext()
  const late = closeResource(findCloser('grpc', hanging.server), context).catch((error: Error) => error.name)
  reachLimit()
  assert.equal([await late, await hanging.answer], ['TimeoutError', 'cut off'])
})

/** A server whose responses the test ends. */
async function startServer(t: TestContext) {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextResponse: async () => (await once(server, 'request'))[1] as ServerResponse,
  }
}
