import process from 'node:process'
import { Redis } from 'ioredis'
import { createClient, createClientPool } from 'redis'
import { createClient as createClient4 } from 'redis4'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { redisIsAbsent, startRedis } from '../support/redis.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

type Command = (...words: string[]) => Promise<unknown>

interface Kind {
  readonly what: string
  readonly how: string
  readonly open: (socket: string) => Promise<{ readonly thing: unknown; readonly command: Command }>
}

const kinds: readonly Kind[] = [
  {
    what: 'ioredis',
    how: 'redis.quit()',
    open: async (path) => {
      const redis = new Redis({ path })
      return { thing: redis, command: (name, ...args) => redis.call(name as string, ...args) }
    },
  },
  {
    what: 'redis',
    how: 'client.close()',
    open: async (path) => {
      const client = createClient({ socket: { path, tls: false } })
      await client.connect()
      return { thing: client, command: (...words) => client.sendCommand(words) }
    },
  },
  {
    what: 'a pool of redis clients',
    how: 'client.close()',
    open: async (path) => {
      const pool = createClientPool({ socket: { path, tls: false } })
      await pool.connect()
      return { thing: pool, command: (...words) => pool.sendCommand(words) }
    },
  },
  {
    what: 'redis 4',
    how: 'client.quit()',
    open: async (path) => {
      const client = createClient4({ socket: { path } })
      await client.connect()
      return { thing: client, command: (...words) => client.sendCommand(words) }
    },
  },
]

for (const { what, how, open } of kinds) {
  test(
    `${what}: a command in flight finishes before the close, and one that hangs is cut off at the limit`,
    async (t) => {
      const { socket } = await startRedis(t)
      const watcher = new Redis({ path: socket })
      t.after(() => watcher.disconnect())
      const waiting = (): Promise<unknown> =>
        until(
          'a client waits in BLPOP',
          () => watcher.info('clients'),
          (info) => info.includes('blocked_clients:1'),
        )

      const graceful = await open(socket)
      const closer = findCloser('redis', graceful.thing)
      assert.is(closer.how, how)
      const order: string[] = []
      const answered = graceful.command('BLPOP', 'list', '0').then(() => order.push('answered'))
      await waiting()
      const closed = closeResource(closer, hookContext().context).then(() => order.push('closed'))
      await watcher.lpush('list', 'value')
      await Promise.all([answered, closed])
      assert.equal(order, ['answered', 'closed'])
      const clients = (): Promise<unknown> => watcher.client('LIST')
      await until('only the watcher is connected', clients, (list) => String(list).trim().split('\n').length === 1)
      await closeResource(closer, hookContext().context) // closed already, and that is fine

      const held = pipes()
      const hanging = await open(socket)
      const { context, reachLimit } = hookContext()
      const cut = hanging.command('BLPOP', 'list', '0').then(
        () => 'answered',
        () => 'cut off',
      )
      await waiting()
      const late = closeResource(findCloser('redis', hanging.thing), context).catch((error: Error) => error.name)
      reachLimit()
      assert.equal([await late, await cut], ['TimeoutError', 'cut off'])
      await until('its socket does not hold the process', pipes, (open) => open === held)
    },
    { skip: redisIsAbsent() },
  )
}

test('a lazy ioredis that was never used is closed without connecting', async () => {
  const redis = new Redis({ path: '/nowhere.sock', lazyConnect: true })
  const states: string[] = []
  for (const state of ['connecting', 'connect', 'close', 'end']) redis.on(state, () => states.push(state))
  await closeResource(findCloser('redis', redis), hookContext().context)
  await until(
    'the client has ended',
    () => redis.status,
    (status) => status === 'end',
  )
  assert.not(states.includes('connecting'))
  await closeResource(findCloser('redis', redis), hookContext().context)
})

/** Sockets that hold the event loop. */
function pipes(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length
}
