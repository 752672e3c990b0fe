import { callAndWait } from './call-and-wait.ts'
import type { Shape } from './shape.ts'
import { call, can, has, ignoreErrors } from './thing.ts'

const undici: Shape = {
  what: 'undici Agent, Pool, Client, any Dispatcher',
  how: 'dispatcher.close()',
  forced: 'dispatcher.destroy()',
  looksLike: (dispatcher) => can(dispatcher, 'dispatch', 'close', 'destroy'),
  close: (dispatcher) => call(dispatcher, 'close'),
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

// Its own destroy(resource) is about one resource.
const genericPool: Shape = {
  what: 'generic-pool',
  how: 'pool.drain(), pool.clear()',
  forced: 'pool.clear()',
  looksLike: (pool) => can(pool, 'acquire', 'release', 'drain', 'clear'),
  close: async (pool) => {
    await call(pool, 'drain')
    await call(pool, 'clear')
  },
  force: (pool) => call(pool, 'clear'),
}

const grpcServer: Shape = {
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
