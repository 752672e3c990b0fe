import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { drained } from '../../support/drained.ts'
import { get, type RawClient, rawClient } from '../../support/raw-client.ts'
import { test } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

test('a request in flight finishes, and its answer says that the connection ends', async (t) => {
  const held = answers()
  const { port, begin } = await drained(t, createServer(held.handler))
  const client = await rawClient(t, { port })
  client.socket.write(get())
  await held.has(1)
  const { report } = await begin()
  held.answer(0, 'late')
  await client.gets(/late$/)
  assert.match(client.text, /^connection: close\r$/im)
  assert.is(await client.ended, 'end')
  const [server] = (await report).servers
  assert.equal([server?.kind, server?.finished, server?.cut, server?.connections], ['http', 1, 0, { announced: 1 }])
  assert.is((await report).outcome, 'clean')
})

test('a busy client is told by the next answer, whose handler answers at once', async (t) => {
  const server = createServer((_, response) => response.end('now'))
  const { port, begin } = await drained(t, server, { idleMs: 10_000 })
  const client = await rawClient(t, { port })
  client.socket.write(get())
  await client.gets(/now$/)
  assert.not.match(client.text, /connection: close/i)
  const { report } = await begin()
  client.socket.write(get())
  await client.gets(/now.*now$/s)
  assert.match(client.text, /^connection: close\r$/im)
  assert.is(await client.ended, 'end')
  assert.equal((await report).servers[0]?.connections, { announced: 1 })
})

for (const [title, wait] of [
  ['at once', false],
  ['later, in another order', true],
] as const) {
  test(`of a pipeline that comes in drain, answered ${title}, the last answer alone says so`, async (t) => {
    const held = answers()
    const server = createServer((request, response) =>
      wait ? held.handler(request, response) : response.end(`<${request.url}>`),
    )
    const { port, begin } = await drained(t, server, { idleMs: 10_000 })
    const client = await rawClient(t, { port })
    client.socket.write(get('/0'))
    if (wait) held.has(1).then(() => held.answer(0, '</0>'))
    await client.gets(/<\/0>$/)
    const { report } = await begin()
    const body = 'POST /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\na\r\n\r\nb'
    const chunked = 'POST /4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    client.socket.write(get('/1') + get('/2') + body + chunked + get('/5'))
    if (wait) {
      await held.has(6)
      for (const n of [5, 3, 1, 2, 4]) held.answer(n, `</${n}>`)
    }
    await client.gets(/<\/5>$/)
    assert.is(await client.ended, 'end')
    assert.equal([...client.text.matchAll(/<\/\d>/g)].join(''), '</0></1></2></3></4></5>')
    assert.is([...client.text.matchAll(/connection: close/gi)].length, 1)
    assert.equal([(await report).servers[0]?.finished, (await report).servers[0]?.cut], [5, 0])
  })
}

test('a pipeline that is in flight when drain begins is answered whole', async (t) => {
  const held = answers()
  const { port, begin } = await drained(t, createServer(held.handler))
  const client = await rawClient(t, { port })
  client.socket.write(get('/0') + get('/1') + get('/2'))
  await held.has(3)
  const { report } = await begin()
  for (const n of [2, 1, 0]) held.answer(n, `</${n}>`)
  await client.gets(/<\/2>$/)
  assert.is(await client.ended, 'end')
  assert.equal([...client.text.matchAll(/<\/\d>/g)].join(''), '</0></1></2>')
  assert.is((await report).servers[0]?.finished, 3)
})

test('where the head of the next request is cut in the middle, the answer before it does not end the connection', async (t) => {
  const server = createServer((request, response) => response.end(`<${request.url}>`))
  const { port, begin } = await drained(t, server, { idleMs: 10_000 })
  const client = await rawClient(t, { port })
  client.socket.write(get('/0'))
  await client.gets(/<\/0>$/)
  const { report } = await begin()
  const second = get('/2')
  client.socket.write(get('/1') + second.slice(0, 20))
  await client.gets(/<\/1>$/)
  client.socket.write(second.slice(20))
  await client.gets(/<\/2>$/)
  assert.is(await client.ended, 'end')
  assert.is((await report).servers[0]?.finished, 2)
})

for (const behind of [0, 2]) {
  test(`wherever a head is cut, with ${behind} requests behind it, all are answered and the last says so`, async (t) => {
    const server = createServer((request, response) => response.end(`<${request.url}>`))
    const { port, begin } = await drained(t, server, { idleMs: 10_000 })
    const accepted: Socket[] = []
    server.on('connection', (socket) => accepted.push(socket))
    const head = get('/0')
    const text =
      head +
      ['/1', '/2']
        .slice(0, behind)
        .map((path) => get(path))
        .join('')
    const cuts = Array.from({ length: head.length - 1 }, (_, at) => at + 1)
    const clients: RawClient[] = []
    // One by one, so that each finds the socket that is its own.
    for (const _ of cuts) clients.push(await rawClient(t, { port, noDelay: true }))
    await until('all are accepted', () => accepted.length === clients.length)
    const { report } = await begin()
    for (const [n, client] of clients.entries()) client.socket.write(text.slice(0, cuts[n]))
    await until('each first part is read', () => accepted.every(({ bytesRead }) => bytesRead > 0))
    for (const [n, client] of clients.entries()) client.socket.write(text.slice(cuts[n]))
    const last = `</${behind}>`
    for (const [n, client] of clients.entries()) {
      assert.is(await client.ended, 'end', `cut at ${cuts[n]}`)
      const answers = client.text.split('HTTP/1.1 200').slice(1)
      const told = answers.map((answer) => /^connection: close\r$/im.test(answer))
      assert.equal(told, [...Array(behind).fill(false), true], `cut at ${cuts[n]}: ${client.text}`)
      assert.ok(client.text.endsWith(last))
    }
    assert.equal((await report).servers[0]?.connections, { announced: cuts.length })
  })
}

test('half a head that waits behind a request in flight when drain begins is read to its end, and answered', async (t) => {
  const held = answers()
  const { port, begin } = await drained(t, createServer(held.handler))
  const client = await rawClient(t, { port })
  const second = get('/1')
  client.socket.write(get('/0') + second.slice(0, 20))
  await held.has(1)
  const { report } = await begin()
  held.answer(0, '</0>')
  await client.gets(/<\/0>$/)
  client.socket.write(second.slice(20))
  await held.has(2)
  held.answer(1, '</1>')
  await client.gets(/<\/1>$/)
  assert.is(await client.ended, 'end')
  assert.is([...client.text.matchAll(/connection: close/gi)].length, 1)
  const { servers, outcome } = await report
  assert.equal([servers[0]?.finished, servers[0]?.refusedLate, outcome], [2, 0, 'clean'])
})

test('a body that the client sends after 100 Continue is read, as before', async (t) => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('whole')))
  const { port, begin } = await drained(t, server, { idleMs: 10_000 })
  const client = await rawClient(t, { port })
  client.socket.write(get())
  await client.gets(/whole$/)
  const { report } = await begin()
  client.socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n')
  await client.gets(/100 Continue\r\n\r\n$/)
  client.socket.write('body')
  await client.gets(/100 Continue.*whole$/s)
  assert.is(await client.ended, 'end')
  assert.is((await report).outcome, 'clean')
})

for (const [way, answer] of [
  ['setHeader', (response: ServerResponse) => response.setHeader('Connection', 'keep-alive').end('now')],
  ['a list', (response: ServerResponse) => response.setHeader('Connection', ['keep-alive', 'x-hop']).end('now')],
  ['writeHead', (response: ServerResponse) => response.writeHead(200, { connection: 'Keep-Alive' }).end('now')],
  [
    'a flat list',
    (response: ServerResponse) => response.writeHead(200, ['Connection', 'keep-alive', 'X-A', 'b']).end('now'),
  ],
] as const) {
  test(`an app that says keep-alive by itself, as a proxy does by ${way}, is no reason not to tell its client`, async (t) => {
    const server = createServer((_, response) => answer(response))
    const { port, begin } = await drained(t, server, { idleMs: 10_000 })
    const client = await rawClient(t, { port })
    client.socket.write(get())
    await client.gets(/now/)
    assert.match(client.text, /^connection: keep-alive\r$/im)
    const { report } = await begin()
    client.socket.write(get())
    await client.gets(/now.*now/s)
    assert.is([...client.text.matchAll(/^connection: close\r$/gim)].length, 1)
    assert.is([...client.text.matchAll(/keep-alive/gi)].length, 1)
    assert.is(await client.ended, 'end')
    assert.equal((await report).servers[0]?.connections, { announced: 1 })
  })
}

test('after it no listener of ours is left on the server', async (t) => {
  const server = createServer((_, response) => response.end())
  const before = listeners(server)
  const { begin } = await drained(t, server)
  await (await begin()).report
  assert.equal(listeners(server), before)
})

test('after it no timer of Node holds the server in memory, as after its own close', async (t) => {
  const server = createServer((_, response) => response.end())
  const { begin } = await drained(t, server)
  const checks = Object.getOwnPropertySymbols(server).find(({ description }) =>
    description?.endsWith('CheckingInterval'),
  )
  const timer = (server as unknown as Record<symbol, { _destroyed: boolean }>)[checks as symbol]
  assert.is(timer?._destroyed, false)
  await (await begin()).report
  assert.is(timer?._destroyed, true)
})

function listeners(server: ReturnType<typeof createServer>): unknown {
  return server.eventNames().map((name) => [name, server.listenerCount(name)])
}

/** A handler that answers when it is told to. */
function answers() {
  const responses: ServerResponse[] = []
  let came = (): void => {}
  return {
    handler: (_: unknown, response: ServerResponse): void => {
      responses.push(response)
      came()
    },
    has: (count: number): Promise<void> =>
      new Promise((resolve) => {
        came = () => {
          if (responses.length >= count) resolve()
        }
        came()
      }),
    answer: (n: number, text: string): unknown => responses[n]?.end(text),
  }
}
