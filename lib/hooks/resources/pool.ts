import { callAndWait } from './call-and-wait.ts'
import type { Shape } from './shape.ts'
import { call, can, has, hidden, ignoreErrors, inside, isThing, things } from './thing.ts'

const undici: Shape = {
  what: 'undici Agent, Pool, Client, any Dispatcher',
  how: 'dispatcher.close()',
  forced: 'dispatcher.destroy()',
  looksLike: (dispatcher) => can(dispatcher, 'dispatch', 'close', 'destroy'),
  // An Agent's close() forgets its pools, and destroy() then reaches none of them: so they are closed one by one.
  close: async (dispatcher) => {
    const pools = hidden(dispatcher, 'clients')
    if (!isThing(pools) || !can(pools, 'get')) return call(dispatcher, 'close')
    const each = things(pools).map((entry) => inside(entry, 'dispatcher') ?? entry)
    await Promise.allSettled(things(each).map((pool) => can(pool, 'close') && call(pool, 'close')))
    await call(dispatcher, 'destroy')
  },
  force: (dispatcher) => call(dispatcher, 'destroy'),
}

const piscina: Shape = {
  what: 'piscina',
  how: 'pool.close()',
  forced: 'pool.destroy()',
  looksLike: (pool) => can(pool, 'run', 'close', 'destroy') && has(pool, 'threads', 'queueSize'),
  close: (pool) => call(pool, 'close'),
  force: (pool) => {
    ignoreErrors(pool)
    return call(pool, 'destroy')
  },
}

// Its destroy(resource) is about one resource, and a second clear() destroys each of them a second time.
const genericPool: Shape = {
  what: 'generic-pool',
  how: 'pool.drain(), pool.clear()',
  looksLike: (pool) => can(pool, 'acquire', 'release', 'drain', 'clear'),
  close: async (pool) => {
    await call(pool, 'drain')
    if (inside(pool, 'size') !== 0) await call(pool, 'clear')
  },
}

export const grpcServer: Shape = {
  what: '@grpc/grpc-js Server',
  how: 'server.tryShutdown()',
  forced: 'server.forceShutdown()',
  defaultPhase: 'drain',
  looksLike: (server) => can(server, 'tryShutdown', 'forceShutdown'),
  // It waits for ever for a stream whose client died (grpc/grpc-node#1458).
  close: (server) => callAndWait(server, 'tryShutdown'),
  force: (server) => call(server, 'forceShutdown'),
}

export const POOLS: readonly Shape[] = [undici, piscina, genericPool, grpcServer]
