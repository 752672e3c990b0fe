import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import * as assert from 'uvu/assert'
import { certificate } from '../../support/certificate.ts'
import { shutdownHere } from '../../support/serving.ts'
import { test } from '../../support/suite.ts'

test('on a unix socket, where clients have no address, each handshake is told apart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'socket')
  const server = createServer(certificate, (_, response) => response.end('ok'))
  const shutdown = shutdownHere(t)
  shutdown.server(server, { idleMs: 0 })
  server.listen(path)
  await once(server, 'listening')
  t.after(() => server.close())
  const clients = [connect(path), connect(path)]
  for (const client of clients) t.after(() => client.destroy())
  const both = new Promise<void>((resolve) => {
    let count = 0
    server.on('connection', () => ++count === 2 && resolve())
  })
  await both
  const [first, second] = clients
  const draining = new Promise<void>((resolve) => {
    shutdown.hook('drain has begun', () => resolve(), { phase: 'drain' })
  })
  const report = shutdown.begin('test')
  await draining
  // The first gets through; the second is not forgotten with it.
  const secured = connectTls({ socket: first, rejectUnauthorized: false })
  t.after(() => secured.destroy())
  await once(secured, 'secureConnect')
  secured.end()
  await once(second as NonNullable<typeof second>, 'close')
  const { durationMs, outcome, servers } = await report
  assert.is(outcome, 'clean')
  assert.is(servers[0]?.connections.silent, 1)
  assert.ok(durationMs >= 900, `a handshake has 1 s, and it took ${durationMs} ms`)
})

test('the second of a handshake counts from its last byte: who has been silent for longer ends at once', async (t) => {
  const server = createServer(certificate)
  const shutdown = shutdownHere(t)
  shutdown.server(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const connected = async (): Promise<Socket> => {
    const client = connect(port, '127.0.0.1').resume()
    t.after(() => client.destroy())
    await once(server, 'connection')
    return client
  }
  const silent = await connected()
  // What is tested is its age.
  await sleep(1_200)
  const slow = await connected()
  const report = shutdown.begin('test')
  const startedAt = performance.now()
  const ended = async (client: Socket): Promise<number> => {
    await once(client, 'close')
    return performance.now() - startedAt
  }
  const times = Promise.all([ended(silent), ended(slow)])
  await sleep(300)
  // The first bytes of a ClientHello.
  slow.write(Buffer.from([22, 3, 1]))
  const [silentMs, slowMs] = await times
  assert.ok(silentMs < 900, `silent for 1.2 s, and it was kept for ${silentMs} ms more`)
  assert.ok(slowMs >= 1_200, `its last byte came after 300 ms, and it was ended after ${slowMs} ms`)
  const { outcome, servers } = await report
  const { silent: neverSpoke, handshaking } = servers[0]?.connections ?? {}
  assert.equal([outcome, neverSpoke, handshaking], ['clean', 1, 1])
})
