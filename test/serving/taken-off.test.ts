import 'reflect-metadata'
import { type EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createHttp2, createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { createServer as createNet } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import Fastify from 'fastify'
import { Server as SocketIo } from 'socket.io'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { createShutdown } from '../../lib/index.ts'
import { certificate } from '../support/certificate.ts'
import { type TestContext, test } from '../support/suite.ts'

const ALL = {
  http: () => createServer(),
  http2: () => createHttp2(),
  'http2 over TLS': () => createSecureServer({ ...certificate, allowHTTP1: true }),
  'http2 with WebSockets': () => createHttp2({ settings: { enableConnectProtocol: true } }),
  https: () => createHttps(certificate),
  net: () => createNet(),
  tls: () => createTls(certificate),
}

class Empty {}
Module({})(Empty)

interface Around {
  /** What is registered. */
  readonly outer: object
  /** What it has inside. */
  readonly server: Server
}

/** What has a server inside, which listens where `listens`. */
const AROUND: Record<string, (t: TestContext) => Promise<Around>> = {
  ws: async () => {
    const server = createHttps(certificate)
    return { outer: new WebSocketServer({ server }), server }
  },
  'socket.io': async () => {
    const server = createHttps(certificate)
    return { outer: new SocketIo(server), server }
  },
  fastify: async () => {
    const app = Fastify({ https: certificate })
    return { outer: app, server: app.server }
  },
  nest: async () => {
    const app = await NestFactory.create(Empty, { httpsOptions: certificate, logger: false })
    return { outer: app, server: app.getHttpServer() }
  },
  express: async (t) => {
    const outer = express()
    const server = createHttps(certificate, outer)
    await listening(t, server)
    return { outer, server }
  },
}

for (const [where, inCluster] of [
  ['', false],
  [' in a cluster', true],
] as const) {
  for (const [kind, create] of Object.entries(ALL)) {
    test(`${kind}${where}: no listener stays on the server, however it is taken off`, (t) => {
      const server = create()
      const before = listeners(server)
      const shutdown = open(t, inCluster)
      const off = shutdown.server(server)
      const registered = listeners(server)
      shutdown.server(server)
      assert.equal(listeners(server), registered, 'the same server again')
      assert.throws(
        () => shutdown.server(server, { idleMs: 7 }),
        /registered already, as ".* server", with idleMs undefined: it cannot become 7/,
      )
      off()
      assert.equal(listeners(server), before, 'taken off')
      shutdown.server(server)
      shutdown.dispose()
      assert.equal(listeners(server), before, 'disposed')
    })

    test(`${kind}${where}: a name that is taken leaves nothing on the server`, (t) => {
      const server = create()
      const before = listeners(server)
      const shutdown = open(t, inCluster)
      shutdown.hook('web', () => {})
      assert.throws(() => shutdown.server(server, { name: 'web' }), /web/)
      assert.equal(listeners(server), before)
    })
  }

  for (const [kind, create] of Object.entries(AROUND)) {
    test(`${kind}${where}: no listener stays on the server inside, however it is taken off`, async (t) => {
      const { outer, server } = await create(t)
      const before = listeners(server)
      const shutdown = open(t, inCluster)
      const off = shutdown.server(outer)
      assert.not.equal(listeners(server), before)
      off()
      assert.equal(listeners(server), before, 'taken off')
      shutdown.hook('web', () => {})
      assert.throws(() => shutdown.server(outer, { name: 'web' }), /web/)
      assert.equal(listeners(server), before, 'refused')
      shutdown.server(outer)
      shutdown.dispose()
      assert.equal(listeners(server), before, 'disposed')
    })

    test(`${kind}${where}: the server inside stays as long as it or another around it is registered`, async (t) => {
      const { outer, server } = await create(t)
      const other = new WebSocketServer({ server })
      const before = listeners(server)
      const shutdown = open(t, inCluster)
      const offs = [shutdown.server(outer), shutdown.server(server), shutdown.server(other)]
      const registered = listeners(server)
      assert.throws(() => shutdown.server(server, { idleMs: 7 }), /registered already/)
      for (const off of offs) {
        assert.equal(listeners(server), registered)
        off()
      }
      assert.equal(listeners(server), before)
    })
  }
}

for (const [kind, create] of [['http', bare] as const, ...Object.entries(AROUND)]) {
  for (const isSaid of [true, false]) {
    const as = isSaid ? 'the app says that it is ready' : 'it would be ready by what listens'
    test(`${kind} in a cluster: with every server taken off there is no lame duck, where ${as}`, async (t) => {
      const { outer, server } = await create(t)
      if (!server.listening) await listening(t, server)
      const shutdown = open(t, true)
      const off = shutdown.server(outer)
      if (isSaid) shutdown.ready()
      off()
      const { lameDuck } = await shutdown.begin('test')
      assert.equal([lameDuck?.ended, lameDuck?.why], ['skipped', 'nothing was serving'])
    })
  }
}

test('taken off in the middle of the lame duck, it ends that', async (t) => {
  const { outer, server } = await bare(t)
  await listening(t, server)
  const shutdown = open(t, true)
  const off = shutdown.server(outer)
  shutdown.preStop('meanwhile', () => off())
  const { lameDuck } = await shutdown.begin('test')
  assert.equal([lameDuck?.ended, lameDuck?.why], ['time', 'no server listens'])
})

async function bare(_: TestContext): Promise<Around> {
  const server = createServer()
  return { outer: server, server }
}

async function listening(t: TestContext, server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
}

function open(t: TestContext, inCluster: boolean) {
  if (inCluster) process.env.KUBERNETES_SERVICE_HOST = '10.96.0.1'
  else Reflect.deleteProperty(process.env, 'KUBERNETES_SERVICE_HOST')
  const shutdown = createShutdown({ exit: false, watchdog: false, errors: 'never', logger: () => {} })
  t.after(() => shutdown.dispose())
  return shutdown
}

function listeners(server: EventEmitter): unknown {
  return server.eventNames().map((name) => [name, server.listenerCount(name)])
}
