import type { Shape } from './shape.ts'
import { call, can, has, ignoreErrors, member, type Thing } from './thing.ts'

// None of these is ever closed by `shutdown`: it is a command, and stops the server.

const ioredis: Shape = {
  what: 'ioredis Redis, Cluster',
  how: 'redis.quit()',
  forced: 'redis.disconnect()',
  looksLike: (redis) => can(redis, 'quit', 'disconnect', 'duplicate') && typeof member(redis, 'status') === 'string',
  close: (redis) => {
    const status = member(redis, 'status')
    if (status === 'end') return
    // A lazy client that was never used would connect in order to quit.
    return call(redis, status === 'wait' ? 'disconnect' : 'quit')
  },
  force: (redis) => call(redis, 'disconnect'),
}

const redis: Shape = {
  what: 'redis 5 and later: client, cluster, sentinel, pool',
  how: 'client.close()',
  forced: 'client.destroy()',
  looksLike: (client) => can(client, 'connect', 'close', 'destroy') && has(client, 'isOpen'),
  close: (client) => call(client, 'close'),
  force: (client) => forceRedis(client, 'destroy'),
}

const redis4: Shape = {
  what: 'redis 4: client, cluster',
  how: 'client.quit()',
  forced: 'client.disconnect(), client.unref()',
  looksLike: (client) =>
    can(client, 'connect', 'quit', 'disconnect') && (has(client, 'isOpen') || can(client, 'nodeClient')),
  close: (client) => call(client, 'quit'),
  force: (client) => forceRedis(client, 'disconnect'),
}

/** While a close waits, the hard call of redis 4 and 5 rejects what is in flight, but throws before it comes to the socket. */
function forceRedis(client: Thing, method: 'destroy' | 'disconnect'): unknown {
  ignoreErrors(client)
  if (can(client, 'unref')) call(client, 'unref')
  return call(client, method)
}

export const REDIS: readonly Shape[] = [ioredis, redis, redis4]
