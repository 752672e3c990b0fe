import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { get, rawClient } from '../support/raw-client.ts'
import { test } from '../support/suite.ts'

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
