import dns from 'node:dns'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import { Server as SocketIo } from 'socket.io'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { certificate } from '../support/certificate.ts'
import { get, rawClient } from '../support/raw-client.ts'
import { type TestContext, test } from '../support/suite.ts'

for (const phase of ['preStop', 'drain', 'close'] as const) {
  test(`a server that is registered while stopping, in ${phase}, is drained, and that is said`, async (t) => {
    const shutdown = createShutdown({ exit: false, logger: () => {}, watchdog: false })
    t.after(() => shutdown.dispose())
    const server = createServer((_, response) => setTimeout(() => response.end('served'), 200))
    t.after(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = await rawClient(t, { port })
    client.socket.write(get())
    await once(server, 'request')
    shutdown.hook('starts late', () => void shutdown.server(server, { name: 'late' }), { phase })
    const report = await shutdown.begin('test')
    assert.match(client.text, /served/)
    assert.equal([report.outcome, server.listening], ['clean', false])
    assert.equal(
      report.servers.map(({ name, finished, cut }) => [name, finished, cut]),
      [['late', 1, 0]],
    )
    assert.is(report.hooks.find(({ name }) => name === 'late')?.late, phase === 'close')
  })
}

interface Late {
  readonly outer: object
  /** Called when it is registered; resolves with the servers inside, which are new. */
  readonly comes: () => Promise<readonly Server[]>
}

/** What may have a server inside of which nobody could know when it was registered. */
const LATE: Record<string, (t: TestContext) => Late> = {
  'an express app in a server of its own': (t) => {
    const outer = express()
    return { outer, comes: async () => [await listening(t, createHttps(certificate, outer))] }
  },
  'a socket.io server that is attached': (t) => {
    const outer = new SocketIo()
    const comes = async (): Promise<Server[]> => {
      const server = await listening(t, createHttps(certificate))
      outer.attach(server)
      return [server]
    }
    return { outer, comes }
  },
  'a Fastify app on localhost': (t) => {
    const outer = Fastify({ https: certificate })
    t.after(() => outer.close())
    bothAreLocalhost(t)
    const comes = async (): Promise<Server[]> => {
      await outer.listen({ port: 0, host: 'localhost' })
      const key = Object.getOwnPropertySymbols(outer).find(
        ({ description }) => description === 'fastify.serverBindings',
      )
      return (outer as unknown as Record<symbol, Server[]>)[key as symbol] ?? []
    }
    return { outer, comes }
  },
}

for (const [kind, create] of Object.entries(LATE)) {
  test(`${kind} after it was registered: its server is known from the first moment of the shutdown on`, async (t) => {
    const shutdown = createShutdown({ exit: false, logger: () => {}, watchdog: false })
    t.after(() => shutdown.dispose())
    const { outer, comes } = create(t)
    shutdown.server(outer)
    const servers = await comes()
    assert.is(servers.length, 1)
    const before = servers.map(secureListeners)
    let after: number[] = []
    shutdown.preStop('meanwhile', () => {
      after = servers.map(secureListeners)
    })
    await shutdown.begin('test')
    assert.equal(
      after,
      before.map((count) => count + 1),
    )
  })
}

/** Not every machine has both in its /etc/hosts. */
function bothAreLocalhost(t: TestContext): void {
  const { lookup } = dns
  t.after(() => {
    dns.lookup = lookup
  })
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  dns.lookup = ((host: string, options: { all?: boolean }, done: (error: null, all: object) => void) =>
    host === 'localhost' && options.all
      ? done(null, both)
      : Reflect.apply(lookup, dns, [host, options, done])) as typeof lookup
}

/** To know the connections of a TLS server takes one, for as long as nobody drains it. */
function secureListeners(server: Server): number {
  return server.listenerCount('secureConnection')
}

async function listening(t: TestContext, server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return server
}
