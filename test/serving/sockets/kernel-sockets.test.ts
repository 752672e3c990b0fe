import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import * as assert from 'uvu/assert'
import { allSocketsOfPort, socketsOfPort, TCP_STATE } from '../../../lib/serving/sockets/kernel-sockets.ts'
import { can } from '../../support/can.ts'
import { rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'

/** The kernel hands out a page at a time, some 25 rows. */
const MANY = 120

for (const host of ['127.0.0.1', '::1']) {
  test(
    `all connections on ${host} are found, on however many pages`,
    async (t) => {
      const server = createServer()
      t.after(() => server.close())
      server.listen(0, host)
      await once(server, 'listening')
      const address = server.address() as AddressInfo
      await Promise.all(Array.from({ length: MANY }, () => rawClient(t, { host, port: address.port })))
      const states = [TCP_STATE.established]
      assert.is(socketsOfPort(address, states)?.length, MANY)
      const rows = await allSocketsOfPort({ ...address, states }, () => false)
      assert.is(rows?.length, MANY)
    },
    { skip: can.linux() },
  )
}
