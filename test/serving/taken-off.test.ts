import type { EventEmitter } from 'node:events'
import { createServer as createHttp2, createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { createServer as createNet } from 'node:net'
import { createServer as createTls } from 'node:tls'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { certificate } from '../support/certificate.ts'
import { type TestContext, test } from '../support/suite.ts'

const ALL = {
  http2: () => createHttp2(),
  'http2 over TLS': () => createSecureServer({ ...certificate, allowHTTP1: true }),
  'http2 with WebSockets': () => createHttp2({ settings: { enableConnectProtocol: true } }),
  https: () => createHttps(certificate),
  net: () => createNet(),
  tls: () => createTls(certificate),
}

for (const [kind, create] of Object.entries(ALL)) {
  test(`${kind}: no listener stays on the server, however it is taken off`, (t) => {
    const server = create()
    const before = listeners(server)
    const shutdown = open(t)
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

  test(`${kind}: a name that is taken leaves nothing on the server`, (t) => {
    const server = create()
    const before = listeners(server)
    const shutdown = open(t)
    shutdown.hook('web', () => {})
    assert.throws(() => shutdown.server(server, { name: 'web' }), /web/)
    assert.equal(listeners(server), before)
  })
}

function open(t: TestContext) {
  const shutdown = createShutdown({ exit: false, watchdog: false, errors: 'never', logger: () => {} })
  t.after(() => shutdown.dispose())
  return shutdown
}

function listeners(server: EventEmitter): unknown {
  return server.eventNames().map((name) => [name, server.listenerCount(name)])
}
