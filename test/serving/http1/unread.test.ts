import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { Linger } from '../../../lib/serving/http1/linger.ts'
import { isUnread, type ReadTable, Unread } from '../../../lib/serving/http1/unread.ts'
import { allSocketsOfPort, TCP_STATE } from '../../../lib/serving/sockets/kernel-sockets.ts'
import { can } from '../../support/can.ts'
import { rawClient } from '../../support/raw-client.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

test('an end that a vanished client does not acknowledge holds nobody up; a byte that it has not read does', () => {
  const { established, closeWait, finWait1 } = TCP_STATE
  const rows = [
    [established, 0, false],
    [established, 1, true],
    [closeWait, 1, true],
    [finWait1, 1, false],
    [finWait1, 2, true],
  ] as const
  for (const [state, unacknowledged, unread] of rows) {
    assert.is(isUnread({ state, unacknowledged }), unread, `${state}, ${unacknowledged}`)
  }
})

/** What the kernel holds for a client that does not read: more than the client's own side takes. */
const SIZE = 1_000_000

async function slowReader(t: TestContext) {
  const server = createServer()
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const onread = { buffer: Buffer.alloc(65_536), callback: () => true }
  const client = await rawClient(t, { host: '127.0.0.1', port, onread })
  client.socket.pause()
  const [socket] = await accepted
  socket.write('x'.repeat(SIZE))
  return { client, socket, linger: new Linger(socket, () => {}) }
}

const UNKNOWN: Readonly<Record<string, ReadTable>> = {
  'cannot be read': async () => undefined,
  'has no row of it': async () => [],
  'takes its time': () => new Promise(() => {}),
}

test('a slow reader keeps its connection where the table of the kernel does not tell of it', async (t) => {
  await Promise.all(
    Object.entries(UNKNOWN).map(async ([name, read]) => {
      const { client, socket, linger } = await slowReader(t)
      let asked = 0
      const unread = new Unread((...given) => {
        asked++
        return read(...given)
      })
      const look = (): boolean => {
        linger.look(unread)
        return asked > 0 || socket.destroyed
      }
      await until('the kernel was asked', look)
      // Its answer is there now, or never.
      await new Promise(setImmediate)
      linger.look(unread)
      assert.not(socket.destroyed, `it ended though the table ${name}`)
      client.socket.resume()
      assert.is(await client.ended, 'end')
      assert.is(client.socket.bytesRead, SIZE)
    }),
  )
})

test(
  'the kernel tells how much a client has not read, and that it has read all',
  async (t) => {
    const { client, socket } = await slowReader(t)
    const { localPort: port = 0, localFamily: family = '', remotePort } = socket
    const states = Object.values(TCP_STATE)
    const row = async () =>
      (await allSocketsOfPort({ port, family, states }, () => false))?.find((one) => one.remotePort === remotePort)
    await until('the kernel holds all', row, (one) => socket.writableFinished && one !== undefined && isUnread(one))
    client.socket.resume()
    await until('all is read', row, (one) => one === undefined || !isUnread(one))
  },
  { skip: can.linux() },
)
