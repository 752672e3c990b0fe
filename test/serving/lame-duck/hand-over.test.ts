import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { type Drained, drained } from '../../support/drained.ts'
import { get, type RawClient, rawClient } from '../../support/raw-client.ts'
import { type TestContext, test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

process.env.KUBERNETES_SERVICE_HOST = '10.96.0.1'

interface Served extends Drained {
  readonly client: RawClient
  readonly came: (count: number) => Promise<unknown>
  readonly responses: readonly ServerResponse[]
  /** Bytes that the server has read of the client. */
  readonly read: (count: number) => Promise<unknown>
}

/** A client whose request `/0` is in flight, and a lame duck that is soon over. */
async function served(t: TestContext): Promise<Served> {
  const responses: ServerResponse[] = []
  const sockets: Socket[] = []
  const server = createServer((_, response) => void responses.push(response))
  server.on('connection', (socket) => sockets.push(socket))
  const given = { lameDuckSeconds: 0.2, lameDuckMaxSeconds: 0.2, idleMs: 10_000 }
  const one = await drained(t, server, given)
  one.shutdown.ready()
  const client = await rawClient(t, { port: one.port, noDelay: true })
  const came = (count: number) => until(`${count} requests came`, () => responses.length === count)
  client.socket.write(get('/0'))
  await came(1)
  const read = (count: number) => until(`${count} bytes are read`, () => sockets[0]?.bytesRead === count)
  return { ...one, client, came, responses, read }
}

for (const [title, inLameDuck] of [
  ['in drain', 0],
  ['in the lame duck and in drain', 1],
] as const) {
  test(`a request is in flight when drain begins, and others come behind it ${title}: all are answered`, async (t) => {
    const { shutdown, client, came, responses, begin } = await served(t)
    if (inLameDuck > 0) {
      shutdown.preStop('meanwhile', async () => {
        client.socket.write(get('/1'))
        await came(2)
      })
    }
    const { report } = await begin()
    client.socket.write(get('/next'))
    await came(inLameDuck + 2)
    for (const [n, response] of responses.entries()) response.end(`</${n}>`)
    const last = inLameDuck + 1
    await client.gets(new RegExp(`</${last}>$`))
    assert.is(await client.ended, 'end')
    const told = client.text.split('HTTP/1.1 200').slice(1)
    assert.equal(
      told.map((answer) => /^connection: close\r$/im.test(answer)),
      [...Array(last).fill(false), true],
    )
    const { servers, lameDuck, outcome } = await report
    assert.equal([servers[0]?.finished, lameDuck?.ended, outcome], [last + 1, 'time', 'clean'])
  })
}

test('half a head that comes in drain behind such a request is read to its end: the lame duck says nothing any more', async (t) => {
  const { client, came, responses, read, begin } = await served(t)
  const { report } = await begin()
  const half = get('/2').slice(0, 20)
  client.socket.write(get('/1') + half)
  await read((get('/0') + get('/1') + half).length)
  responses[0]?.end('</0>')
  await client.gets(/<\/0>$/)
  responses[1]?.end('</1>')
  await client.gets(/<\/1>$/)
  client.socket.write(get('/2').slice(20))
  await came(3)
  responses[2]?.end('</2>')
  await client.gets(/<\/2>$/)
  assert.is(await client.ended, 'end')
  assert.is([...client.text.matchAll(/connection: close/gi)].length, 1)
  const { servers, outcome } = await report
  assert.equal([servers[0]?.finished, outcome], [3, 'clean'])
})

test('whom the lame duck has told in the head of an answer that is still sent, drain refuses the next request', async (t) => {
  const { shutdown, client, responses, read, begin } = await served(t)
  shutdown.preStop('meanwhile', async () => {
    responses[0]?.write('<0>')
    await client.gets(/<0>/)
  })
  const { report } = await begin()
  assert.match(client.text, /^connection: close\r$/im)
  client.socket.write(get('/1'))
  await read(2 * get('/0').length)
  responses[0]?.end('</0>')
  await client.gets(/<\/0>/)
  assert.is(await client.ended, 'end')
  assert.is(responses.length, 1)
  assert.is((await report).servers[0]?.finished, 1)
})
