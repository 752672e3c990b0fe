import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import * as assert from 'uvu/assert'
import { createShutdown, type ProbeServerOptions, type Shutdown } from '../../lib/index.ts'
import { ask } from '../support/ask.ts'
import { type TestContext, test } from '../support/suite.ts'

function shutdownOf(t: TestContext): Shutdown {
  const shutdown = createShutdown({ exit: false })
  t.after(() => shutdown.dispose())
  return shutdown
}

async function openProbes(
  t: TestContext,
  options: Partial<ProbeServerOptions> = {},
): Promise<{ readonly shutdown: Shutdown; readonly url: string }> {
  const shutdown = shutdownOf(t)
  const server = shutdown.probeServer({ port: 0, host: '127.0.0.1', ...options })
  await server.listening
  return { shutdown, url: `http://127.0.0.1:${server.address()?.port}` }
}

const said = async (url: string): Promise<[number, string]> => {
  const { status, body } = await ask(url)
  return [status, body]
}

test('before ready() it lives, but has not started and is not ready; notReady() takes back the one, not the other', async (t) => {
  const { shutdown, url } = await openProbes(t)
  assert.equal(await said(`${url}/livez`), [200, 'alive\n'])
  assert.equal(await said(`${url}/startupz`), [503, 'not started\nwaits for ready() to be called\n'])
  assert.equal(await said(`${url}/readyz`), [503, 'not ready\nwaits for the start: ready() has not been called\n'])
  shutdown.ready()
  assert.equal(await said(`${url}/startupz`), [200, 'started\n'])
  assert.equal(await said(`${url}/readyz?verbose`), [200, 'ready\n'])
  shutdown.notReady('reindexing')
  assert.equal(await said(`${url}/readyz`), [503, 'not ready\nwaits for reindexing\n'])
  assert.equal(await said(`${url}/startupz`), [200, 'started\n'])
  shutdown.ready()
  assert.equal(await said(`${url}/readyz`), [200, 'ready\n'])
})

test('JSON for who asks for it, no body for HEAD, 405 for what is no question, 404 for other paths; nothing is cached', async (t) => {
  const { url } = await openProbes(t)
  const json = await ask(`${url}/readyz`, { headers: { accept: 'application/json' } })
  assert.equal(JSON.parse(json.body), {
    status: 'not ready',
    stopping: null,
    waitsFor: ['the start: ready() has not been called'],
  })
  assert.is(json.headers['cache-control'], 'no-store')
  const head = await ask(`${url}/livez`, { method: 'HEAD' })
  assert.equal([head.status, head.body], [200, ''])
  const post = await ask(`${url}/livez`, { method: 'POST', body: 'x'.repeat(100) })
  assert.equal([post.status, post.headers.allow], [405, 'GET, HEAD'])
  assert.is((await ask(`${url}/nowhere`)).status, 404)
})

test('a check that fails, throws, hangs or forgets its answer says no, by name; what it threw stays inside', async (t) => {
  const { shutdown, url } = await openProbes(t)
  shutdown.ready()
  shutdown.check('yes', () => true)
  const offs = [
    shutdown.check('no', async () => false),
    shutdown.check('secret', () => {
      throw new Error('password 1234')
    }),
    shutdown.check('hangs', ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)), {
      timeoutMs: 50,
    }),
    shutdown.check('forgets', (() => {}) as never),
  ]
  assert.equal(await said(`${url}/readyz`), [
    503,
    'not ready\nwaits for check no: not ready\nwaits for check secret: failed\n' +
      'waits for check hangs: timed out after 50 ms\nwaits for check forgets: answered undefined, not true\n',
  ])
  for (const off of offs) off()
  assert.equal(await said(`${url}/readyz`), [200, 'ready\n'])
})

test('many probes are one call of a check, until its answer is old', async (t) => {
  const { shutdown, url } = await openProbes(t)
  shutdown.ready()
  let kept = 0
  let fresh = 0
  shutdown.check('kept', () => ++kept > 0, { cacheMs: 60_000 })
  shutdown.check('fresh', () => ++fresh > 0, { cacheMs: 0 })
  for (let n = 0; n < 3; n++) assert.is((await ask(`${url}/readyz`)).status, 200)
  await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/readyz`)))
  assert.is(kept, 1)
  assert.ok(fresh > 3, `${fresh} calls`)
})

test('children and consumers that are not ready are named', async (t) => {
  const { shutdown, url } = await openProbes(t)
  shutdown.ready()
  let isReady = false
  shutdown.consumer('jobs', { stop: () => {}, isReady: () => isReady } as never)
  const child = shutdown.supervise('model', ['sleep', '7712'], { ready: { line: 'loaded' } })
  child.ready.catch(() => {})
  t.after(() => child.stop())
  assert.equal(await said(`${url}/readyz`), [
    503,
    'not ready\nwaits for child model: starting\nwaits for consumer jobs: not ready\n',
  ])
  isReady = true
  await child.stop()
  assert.equal(await said(`${url}/readyz`), [200, 'ready\n'])
})

const apps: Readonly<Record<string, (shutdown: Shutdown) => Promise<RequestListener> | RequestListener>> = {
  'plain http': (shutdown) => {
    const probes = shutdown.probes()
    return (request, response) => void (probes(request, response) || response.end('app'))
  },
  Express: (shutdown) => {
    const app = express()
    app.use(shutdown.probes())
    return app.get('/', (_, response) => void response.send('app'))
  },
  Fastify: async (shutdown) => {
    const probes = shutdown.probes()
    const app = Fastify()
    app.addHook('onRequest', (request, reply, done) => (probes(request.raw, reply.raw) ? void reply.hijack() : done()))
    app.get('/', () => 'app')
    await app.ready()
    return app.routing
  },
  Koa: (shutdown) => {
    const probes = shutdown.probes()
    const app = new Koa()
    app.use((ctx, next) => {
      if (!probes(ctx.req, ctx.res)) return next()
      ctx.respond = false
    })
    app.use((ctx) => {
      ctx.body = 'app'
    })
    return app.callback()
  },
}
for (const [name, make] of Object.entries(apps)) {
  test(`probes() in ${name}: probes are answered, the app gets the rest, and /prestop is refused without a secret`, async (t) => {
    const shutdown = shutdownOf(t)
    const server = createServer(await make(shutdown))
    t.after(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    shutdown.ready()
    assert.equal(await said(`${url}/`), [200, 'app'])
    assert.equal(await said(`${url}/readyz`), [200, 'ready\n'])
    assert.equal(await said(`${url}/livez`), [200, 'alive\n'])
    const refused = await ask(`${url}/prestop`)
    assert.equal([refused.status, shutdown.state], [403, 'running'])
    assert.match(refused.body, /^refused: anybody could stop this service\. Set prestopSecret/)
  })
}

test('a secret that one of the two was given both demand, and another one is refused', async (t) => {
  const { shutdown, url } = await openProbes(t, {})
  const prestopSecret = '0123456789abcdef'
  shutdown.probes({ prestopSecret })
  const refused = await ask(`${url}/prestop`)
  assert.equal([refused.status, shutdown.state], [403, 'running'])
  assert.match(refused.body, 'the header lastcall-secret is missing or wrong')
  shutdown.probes({ prestopSecret })
  assert.throws(
    () => shutdown.probes({ prestopSecret: `${prestopSecret}-2` }),
    /probes\.prestopSecret must be the secret that was given before.*Give both the same/,
  )
})

test('other paths, and none, are the wish of the app', async (t) => {
  const { url } = await openProbes(t, { paths: { livez: '/healthz', prestop: false } })
  assert.equal(await said(`${url}/healthz`), [200, 'alive\n'])
  assert.equal(
    [(await ask(`${url}/livez`)).status, (await ask(`${url}/prestop`)).body],
    [404, 'not found: /healthz /readyz /startupz\n'],
  )
})

test('bad input is refused at the call, with the fix, and nothing has changed', (t) => {
  const shutdown = shutdownOf(t)
  shutdown.check('taken', () => true)
  const cases: [() => unknown, RegExp][] = [
    [() => shutdown.probes({ path: {} } as never), /probes has no option path\. Did you mean paths\?/],
    [
      () => shutdown.probes({ paths: { livez: '/readyz' } }),
      /paths\.readyz must be another path than that of livez, got "\/readyz"/,
    ],
    [
      () => shutdown.probes({ paths: { livez: 'health' } }),
      /paths\.livez must be a path that begins with a slash.*Write '\/livez'/,
    ],
    [
      () => shutdown.probes({ prestopSecret: 'short' }),
      /prestopSecret must be a string of at least 16 characters.*got "5 characters"/,
    ],
    [
      () => shutdown.probes({ prestopSecret: undefined as never }),
      /prestopSecret must be a string of at least 16 .*got undefined/,
    ],
    [
      () => shutdown.probeServer({} as never),
      /probeServer\.port must be a whole number from 0 to 65535, got undefined/,
    ],
    [() => shutdown.probeServer({ port: '9000' as never }), /got "9000"\. Write Number\(/],
    [() => shutdown.probeServer({ port: 0, host: '' }), /probeServer\.host must be an address/],
    [
      () => shutdown.probeServer({ port: 0, tls: { cert: 'x', key: 'y' } }),
      /probeServer\.tls must be a certificate and its key in PEM/,
    ],
    [() => shutdown.check('', () => true), /check needs a name/],
    [() => shutdown.check('a', true as never), /check "a" must be given a function/],
    [() => shutdown.check('taken', () => true), /a check named "taken" exists already/],
    [
      () => shutdown.check('a', () => true, { timeoutMs: 0 }),
      /check\.timeoutMs must be a number of milliseconds above 0/,
    ],
    [
      () => shutdown.check('a', () => true, { cacheMs: -1 }),
      /check\.cacheMs must be a number of milliseconds, 0 or more/,
    ],
    [() => shutdown.notReady('a\nb'), /notReady must be given a reason, a string of one line/],
  ]
  for (const [call, message] of cases) assert.throws(call, message)
})

test('a port in use: listening rejects, and says which port and what to do', async (t) => {
  const { shutdown, url } = await openProbes(t)
  const port = Number(new URL(url).port)
  const error = await shutdown.probeServer({ port, host: '127.0.0.1' }).listening.catch((error) => error)
  assert.is(error.code, 'ERR_LASTCALL_LISTEN')
  assert.match(
    error.message,
    new RegExp(`probeServer cannot listen on port ${port} of 127\\.0\\.0\\.1: something else listens there`),
  )
})
