import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { refusal } from '../support/refusal.ts'
import { test } from '../support/suite.ts'

test('a server serves on for the jobs that it comes after', async (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  const server = createServer((_, response) => response.end('hello'))
  t.after(() => server.close())
  const off = shutdown.server(server, { name: 'web', after: ['jobs', 'jobs'] })
  assert.is(shutdown.server(server, { after: ['jobs', 'jobs'] }), off)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  let finish = (): void => {}
  const asked = new Promise<void>((resolve) => (finish = resolve))
  const answers: string[] = []
  const stop = async (): Promise<void> => {
    await asked
    for (let call = 0; call < 5; call++) answers.push(await (await fetch(`http://127.0.0.1:${port}`)).text())
  }
  shutdown.consumer('jobs', { stop })
  shutdown.hook('other', () => finish(), { phase: 'drain' })
  const { outcome, hooks } = await shutdown.begin('test')
  assert.equal([outcome, answers.length, server.listening], ['clean', 5, false])
  const at = (name: string) => hooks.find((hook) => hook.name === name)
  assert.ok(Number(at('web')?.startedMs) >= Number(at('jobs')?.startedMs) + Number(at('jobs')?.durationMs) - 1)
})

test('after that names itself, or no names, is refused, and leaves the server as it was', (t) => {
  const shutdown = createShutdown({ exit: false, logger: () => {} })
  t.after(() => shutdown.dispose())
  const server = createServer()
  const before = server.eventNames().map((event) => [event, server.listenerCount(event)])
  for (const [after, text] of [
    ['jobs', 'ERR_LASTCALL_OPTION lastcall: option server.after must be an array of hook names, got "jobs"'],
    [['web'], 'ERR_LASTCALL_CYCLE lastcall: hook "web" runs after itself'],
  ] as const) {
    assert.match(
      refusal(() => shutdown.server(server, { name: 'web', after: after as never })),
      text,
    )
  }
  assert.equal(
    server.eventNames().map((event) => [event, server.listenerCount(event)]),
    before,
  )
})
