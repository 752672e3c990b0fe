import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { io as connectSocketIo } from 'socket.io-client'
import * as assert from 'uvu/assert'
import { test } from '../support/suite.ts'
import { openWebSocket } from '../support/web-socket-client.ts'
import { EXAMPLES, endsClean, get, hasFirstComment, startExample } from './example.ts'

/** What each says on stdout while it stops, in this order. */
const HTTP: Readonly<Record<string, readonly string[]>> = {
  'http.js': [],
  'express.js': ['answering', 'the database closes'],
  'koa.js': ['answering', 'the database closes'],
  'nest.js': ['answering', 'onApplicationShutdown of Nest'],
  'fastify.js': ['answering', 'onClose of Fastify', 'the database closes'],
}

for (const [file, says] of Object.entries(HTTP)) {
  test(`${file}: the request in flight is answered, with its end announced, and all else ends after it`, async (t) => {
    const { app, port } = await startExample(t, `servers/${file}`)
    const request = get(port)
    await request.began
    app.kill()
    assert.is(await request.answer, '200 close hello\n')
    await endsClean(app, says, '1 request finished')
  })
}

test('ws.js: what was sent arrives, then each client reads 1001 and the reason', async (t) => {
  const { app, port } = await startExample(t, 'servers/ws.js')
  const { socket, closed } = await openWebSocket(t, port)
  const heard: string[] = []
  socket.on('message', (data) => heard.push(String(data)))
  socket.send('hello')
  await once(socket, 'message')
  app.kill()
  const { code, reason } = await closed
  assert.equal([heard, code, reason], [['you said hello', 'see you'], 1001, 'new version'])
  await endsClean(app, [], '1 hook')
})

for (const transport of ['websocket', 'polling']) {
  test(`socket-io.js: what is emitted while stopping arrives, and a client by ${transport} is told`, async (t) => {
    const { app, port } = await startExample(t, 'servers/socket-io.js')
    const client = connectSocketIo(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false })
    t.after(() => client.close())
    assert.is(await client.emitWithAck('hello'), 'hello')
    const news: string[] = []
    client.on('news', (text) => news.push(text))
    const gone = new Promise((resolve) => client.once('disconnect', resolve))
    app.kill()
    assert.equal([await gone, news], ['transport close', ['see you']])
    const { code, stderr } = await app.exited
    assert.is(code, 0)
    assert.match(stderr, /^lastcall: clean: SIGTERM, done in .*, exit code 0$/m)
  })
}

test('grpc.js: the call in flight is answered, and the database closes after it', async (t) => {
  const { app, port } = await startExample(t, 'servers/grpc.js')
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  t.after(() => client.close())
  const answer = new Promise((resolve) => {
    const read = (bytes: Buffer): string => String(bytes)
    client.makeUnaryRequest('/Greeter/greet', Buffer.from, read, 'ann', (error, text) => resolve(error ?? text))
  })
  await app.says('ann asks')
  app.kill()
  assert.is(await answer, 'hello ann')
  await endsClean(app, ['answering', 'the database closes'], '1 request finished')
})

test('every server example has a test above, and a first comment with its command and what to watch', () => {
  const files = readdirSync(join(EXAMPLES, 'servers')).sort()
  assert.equal(files, [...Object.keys(HTTP), 'grpc.js', 'socket-io.js', 'ws.js'].sort())
  for (const file of files) hasFirstComment(`servers/${file}`)
})
