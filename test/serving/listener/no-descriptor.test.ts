import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { startProgram } from '../../support/app.ts'
import { can } from '../../support/can.ts'
import { rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'

const APP = fileURLToPath(new URL('../../apps/has-no-descriptor.js', import.meta.url))
/** Enough to start with. */
const LIMITED = ['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh', process.execPath, APP]

for (const free of [0, 1]) {
  test(
    `with ${free} descriptors left a request in flight is answered, and nobody else is waited for`,
    async (t) => {
      const app = await startProgram(t, [...LIMITED, String(free)])
      const [, port] = /ready (\d+)/.exec(app.stdout) ?? []
      const client = await rawClient(t, { port: Number(port) })
      client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await app.says('full')
      const toldAt = performance.now()
      app.kill('SIGTERM')
      await client.ended
      assert.match(client.text, /hello/)
      const { code, stderr } = await app.exited
      assert.is(code, 0, stderr)
      // It waited for clients in a handshake where it could not count them.
      assert.ok(performance.now() - toldAt < 1_400, stderr)
    },
    { skip: can.linux() },
  )
}
