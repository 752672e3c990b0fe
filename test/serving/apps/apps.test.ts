import 'reflect-metadata'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import * as assert from 'uvu/assert'
import { failures, serverNamed, shutdownHere } from '../../support/serving.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** What an app's handler waits for: a request that is in flight when the shutdown begins. */
class Gate {
  waiting = 0
  #open = (): void => {}
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  async pass(): Promise<string> {
    this.waiting++
    await this.opened
    return 'whole'
  }

  open(): void {
    this.#open()
  }
}

interface Running {
  /** What is handed to `shutdown.server`. */
  readonly app: object
  listen(): Promise<{ port: number }>
  /** What has happened, in its order. */
  readonly events: string[]
}

const portOf = async (server: Server): Promise<{ port: number }> => {
  if (!server.listening) await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

const kinds: Record<string, (gate: Gate, t: TestContext) => Promise<Running>> = {
  express: async (gate, t) => {
    const app = express()
    app.get('/', (_request, response) => void gate.pass().then((text) => response.send(text)))
    const listen = () => {
      const server = app.listen(0, '127.0.0.1')
      t.after(() => server.close())
      return portOf(server)
    }
    return { app, listen, events: [] }
  },
  koa: async (gate, t) => {
    const app = new Koa()
    app.use(async (ctx) => {
      ctx.body = await gate.pass()
    })
    const listen = () => {
      const server = app.listen(0, '127.0.0.1')
      t.after(() => server.close())
      return portOf(server)
    }
    return { app, listen, events: [] }
  },
  fastify: async (gate, t) => {
    const app = Fastify()
    const events: string[] = []
    app.get('/', () => gate.pass())
    app.addHook('preClose', async () => void events.push('preClose'))
    app.addHook('onClose', async () => void events.push('onClose'))
    t.after(() => app.close())
    const listen = async () => {
      await app.listen({ port: 0, host: '127.0.0.1' })
      return portOf(app.server)
    }
    return { app, listen, events }
  },
  nest: async (gate, t) => {
    const events: string[] = []
    const steps = { onModuleDestroy: () => void events.push('onModuleDestroy') }
    class App {}
    Module({ providers: [{ provide: 'steps', useValue: steps }] })(App)
    const app = await NestFactory.create(App, { logger: false })
    app.use('/', (_request: unknown, response: { end(text: string): void }) => {
      void gate.pass().then((text) => response.end(text))
    })
    t.after(() => app.close())
    const listen = async () => {
      await app.listen(0, '127.0.0.1')
      return portOf(app.getHttpServer())
    }
    return { app, listen, events }
  },
}

for (const [kind, make] of Object.entries(kinds)) {
  for (const when of ['before', 'after']) {
    test(`${kind}, registered ${when} listen: a request in flight is answered, then the app is closed`, async (t) => {
      const gate = new Gate()
      const { app, listen, events } = await make(gate, t)
      const shutdown = shutdownHere(t)
      if (when === 'before') shutdown.server(app)
      const { port } = await listen()
      if (when === 'after') shutdown.server(app)
      const answer = fetch(`http://127.0.0.1:${port}/`).then(async (response) => {
        const text = await response.text()
        events.unshift('answered')
        return `${response.status} ${text}`
      })
      await until('the request is in flight', () => gate.waiting === 1)
      shutdown.hook('let it pass', () => gate.open(), { phase: 'drain' })
      const report = await shutdown.begin('test')
      assert.is(await answer, '200 whole')
      assert.equal(failures(report), [])
      const { kind: reported, address } = serverNamed(report, `${kind} server`)
      assert.equal([reported, address], [kind, `127.0.0.1:${port}`])
      const expected = { fastify: ['answered', 'preClose', 'onClose'], nest: ['answered', 'onModuleDestroy'] }[kind]
      assert.equal(events, expected ?? ['answered'])
      const close = report.hooks.find(({ name }) => name === `close ${kind} server`)
      assert.equal([close?.phase, close?.how], expected ? ['close', 'close()'] : [undefined, undefined])
      await until('nobody listens', () =>
        fetch(`http://127.0.0.1:${port}/`).then(
          () => false,
          () => true,
        ),
      )
    })
  }
}

test('express and koa that were handed to http.createServer are found', async (t) => {
  const shutdown = shutdownHere(t)
  const koa = new Koa()
  const app = express()
  const servers = [createServer(koa.callback()), createServer(app)]
  shutdown.server(koa)
  shutdown.server(app)
  for (const server of servers) {
    t.after(() => server.close())
    await portOf(server.listen(0, '127.0.0.1'))
  }
  const report = await shutdown.begin('test')
  assert.equal([failures(report), servers.map(({ listening }) => listening)], [[], [false, false]])
})

test('an app whose server cannot be told, while one is drained by nobody, makes the shutdown unclean', async (t) => {
  const app = express()
  app.get('/', () => {})
  const server = createServer((request, response) => void app(request, response))
  t.after(() => server.close())
  t.after(() => server.closeAllConnections())
  const { port } = await portOf(server.listen(0, '127.0.0.1'))
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  const asked = fetch(`http://127.0.0.1:${port}/`)
  asked.catch(() => {})
  await once(server, 'request')
  const fault = `no server was found that calls the express app, and nothing waited for the requests in flight on 127.0.0.1:${port}: pass its server, shutdown.server(server)`
  const { outcome, faults } = await shutdown.begin('test')
  assert.equal([outcome, faults], ['unclean', [fault]])
})

test('an app that does not listen, beside a server that is idle, has lost nothing', async (t) => {
  const metrics = createServer()
  t.after(() => metrics.close())
  await portOf(metrics.listen(0, '127.0.0.1'))
  const shutdown = shutdownHere(t)
  shutdown.server(express())
  const { outcome, faults } = await shutdown.begin('test')
  assert.equal([outcome, faults], ['clean', []])
})

test('an app whose server is registered by itself is drained with it, found or not', async (t) => {
  const app = express()
  const server = createServer((request, response) => void app(request, response))
  t.after(() => server.close())
  await portOf(server.listen(0, '127.0.0.1'))
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  shutdown.server(server)
  const { outcome, faults } = await shutdown.begin('test')
  assert.equal([outcome, faults, server.listening], ['clean', [], false])
})

test('one that listens in the first phase is found when drain begins', async (t) => {
  const app = express()
  const server = createServer(app)
  t.after(() => server.close())
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  shutdown.preStop('late', () => portOf(server.listen(0, '127.0.0.1')))
  const report = await shutdown.begin('test')
  assert.equal([failures(report), server.listening], [[], false])
})

test('where servers cannot be found, as in a cluster worker, listen tells', async (t) => {
  const handles = process as unknown as { _getActiveHandles: () => unknown[] }
  const { _getActiveHandles } = handles
  handles._getActiveHandles = () => []
  t.after(() => {
    handles._getActiveHandles = _getActiveHandles
  })
  const app = express()
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  const server = app.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await portOf(server)
  const report = await shutdown.begin('test')
  assert.equal([failures(report), server.listening], [[], false])
})

test('an express or koa app that never listened has nothing to drain', async (t) => {
  const shutdown = shutdownHere(t)
  shutdown.server(express())
  shutdown.server(new Koa(), { name: 'api' })
  const report = await shutdown.begin('test')
  assert.equal([failures(report), serverNamed(report, 'api').address], [[], null])
})

test("an app's listen is its own again when it is taken off, and when the shutdown is disposed of", (t) => {
  const shutdown = shutdownHere(t)
  const koa = new Koa()
  const app = express()
  const own = app.listen
  const off = shutdown.server(app)
  shutdown.server(koa)
  assert.is.not(app.listen, own)
  off()
  assert.is(app.listen, own)
  assert.ok(Object.hasOwn(koa, 'listen'))
  shutdown.dispose()
  assert.not.ok(Object.hasOwn(koa, 'listen'))
})

test('the app and its server are drained once', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  const shutdown = shutdownHere(t)
  shutdown.server(app, { name: 'api' })
  shutdown.server(app.server)
  shutdown.hook('pool', () => {}, { after: ['close api'] })
  await app.listen({ port: 0, host: '127.0.0.1' })
  shutdown.resource('fastify', app)
  const report = await shutdown.begin('test')
  assert.equal(failures(report), [])
  assert.ok(report.hooks.some(({ name }) => name === 'close api'))
})

test('a name that is taken refuses both hooks of an app', (t) => {
  const app = Fastify()
  const shutdown = shutdownHere(t)
  shutdown.hook('close api', () => {})
  assert.throws(() => shutdown.server(app, { name: 'api' }), /close api/)
  shutdown.server(createServer(), { name: 'api' })
})

test('on localhost Fastify listens on two addresses, and both are drained', async (t) => {
  const gate = new Gate()
  const app = Fastify()
  app.get('/', () => gate.pass())
  t.after(() => app.close())
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  await app.listen({ port: 0 })
  const answers = (app.addresses() as AddressInfo[]).map(({ address, port, family }) => {
    const host = family === 'IPv6' ? `[${address}]` : address
    return fetch(`http://${host}:${port}/`).then(({ headers }) => headers.get('connection'))
  })
  await until('all are in flight', () => gate.waiting === answers.length)
  shutdown.hook('let them pass', () => gate.open(), { phase: 'drain' })
  const report = await shutdown.begin('test')
  assert.equal([failures(report), new Set(await Promise.all(answers))], [[], new Set(['close'])])
})

test('a Fastify that fails to close is a failed hook of its own', async (t) => {
  const app = Fastify()
  app.addHook('onClose', async () => {
    throw new Error('the pool is gone')
  })
  t.after(() => app.close().catch(() => {}))
  const shutdown = shutdownHere(t)
  shutdown.server(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const report = await shutdown.begin('test')
  assert.equal(failures(report), ['close fastify server failed'])
})
