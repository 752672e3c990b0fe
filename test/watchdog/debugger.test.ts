import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import * as assert from 'uvu/assert'
import { hasConnection, isDebuggerAttached } from '../../lib/watchdog/debugger.ts'
import { can } from '../support/can.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

test(
  'an inspector that nobody is connected to holds nobody; one with a client does',
  async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/some-id`
    assert.is(isDebuggerAttached(url), false)
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.after(() => client.destroy())
    await once(server, 'connection')
    await until('it is seen', () => isDebuggerAttached(url))
  },
  { skip: can.linux() },
)

test('no inspector, no debugger', () => assert.is(isDebuggerAttached(undefined), false))

test('a connection from that port number to another is none', () => {
  const header = '  sl  local_address rem_address   st tx_queue rx_queue\n'
  // 9229 is 0x240D.
  assert.is(hasConnection(`${header}   0: 0100007F:240D 0100007F:ABCD 01 00000000`, 9229), true)
  assert.is(hasConnection(`${header}   0: 0100007F:ABCD 0100007F:240D 01 00000000`, 9229), false)
  assert.is(hasConnection(`${header}   0: 0100007F:240D 00000000:0000 0A 00000000`, 9229), false)
})
