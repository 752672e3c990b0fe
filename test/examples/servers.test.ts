import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { test } from '../support/suite.ts'
import { openWebSocket } from '../support/web-socket-client.ts'
import { EXAMPLES, endsClean, get, hasFirstComment, startExample } from './example.ts'

/** What each says on stdout while it stops, in this order. */
const HTTP: Readonly<Record<string, readonly string[]>> = {
  'http.js': [],
  'express.js': ['answering', 'the database closes'],
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

test('every server example has a test above, and a first comment with its command and what to watch', () => {
  const files = readdirSync(join(EXAMPLES, 'servers')).sort()
  assert.equal(files, [...Object.keys(HTTP), 'ws.js'].sort())
  for (const file of files) hasFirstComment(`servers/${file}`)
})
