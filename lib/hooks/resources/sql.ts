import { callAndWait } from './call-and-wait.ts'
import type { Shape } from './shape.ts'
import { call, can, has, ignoreErrors, inside, isThing, member, oneOf, type Thing, things } from './thing.ts'

const pgPool: Shape = {
  what: 'pg Pool',
  how: 'pool.end()',
  forced: 'destroys the sockets of its clients',
  looksLike: (pool) => can(pool, 'connect', 'query', 'end') && has(pool, 'totalCount', 'idleCount', 'waitingCount'),
  close: (pool) => call(pool, 'end'),
  // end() waits for checked-out clients for ever, and the public names lead to none of them.
  force: (pool) => {
    ignoreErrors(pool)
    for (const client of things(member(pool, '_clients'))) destroyPgClient(client)
  },
}

const pgClient: Shape = {
  what: 'pg Client',
  how: 'client.end() once its queries have ended',
  forced: 'destroys its socket',
  looksLike: (client) => can(client, 'connect', 'query', 'end', 'escapeIdentifier') && has(client, 'processID'),
  close: async (client) => {
    // end() destroys the socket under a running query: "a hung query could block end forever" (pg, lib/client.js).
    if (isBusy(client)) await oneOf(client, 'drain', 'end', 'error')
    await call(client, 'end')
  },
  force: destroyPgClient,
}

/** The public names of both members are deprecated and print a warning. */
function isBusy(client: Thing): boolean {
  const active = has(client, '_activeQuery') ? member(client, '_activeQuery') : member(client, 'activeQuery')
  return Boolean(active) || things(member(client, '_queryQueue')).length > 0
}

function destroyPgClient(client: Thing): void {
  ignoreErrors(client)
  destroy(inside(client, 'connection', 'stream'))
}

const mysqlCluster: Shape = {
  what: 'mysql2 PoolCluster',
  how: 'cluster.end()',
  forced: 'destroys the sockets of its connections',
  looksLike: (cluster) => can(cluster, 'of', 'add', 'getConnection', 'end'),
  close: (cluster) => callAndWait(cluster, 'end'),
  force: (cluster) => {
    const core = inside(cluster, 'poolCluster') ?? cluster
    for (const node of things(inside(core, '_nodes'))) destroyMysqlPool(member(node, 'pool'))
  },
}

// Its Symbol.dispose is of no use: it begins end() and waits for nothing.
const mysqlPool: Shape = {
  what: 'mysql2 Pool',
  how: 'pool.end()',
  forced: 'destroys the sockets of its connections',
  looksLike: (pool) => can(pool, 'getConnection', 'query', 'end'),
  close: (pool) => callAndWait(pool, 'end'),
  force: (pool) => destroyMysqlPool(inside(pool, 'pool') ?? pool),
}

const mysqlConnection: Shape = {
  what: 'mysql2 Connection',
  how: 'connection.end()',
  forced: 'destroys its socket',
  looksLike: (connection) => can(connection, 'beginTransaction', 'query', 'end', 'destroy'),
  close: (connection) => callAndWait(connection, 'end'),
  force: destroyMysqlConnection,
}

function destroyMysqlPool(pool: unknown): void {
  for (const connection of things(inside(pool, '_allConnections'))) destroyMysqlConnection(connection)
}

/** Its own destroy() would leave the queries without an answer, and only ends our side of the socket. */
function destroyMysqlConnection(connection: Thing): void {
  const core = inside(connection, 'connection') ?? connection
  ignoreErrors(core)
  destroy(inside(core, 'stream'))
}

function destroy(stream: unknown): void {
  if (isThing(stream) && can(stream, 'destroy')) call(stream, 'destroy')
}

/** Drivers that the query builders stand on. */
export const SQL_DRIVERS: readonly Shape[] = [pgPool, pgClient, mysqlCluster, mysqlPool, mysqlConnection]

/** Forces a driver's pool or connection that somebody else holds. */
export function forceDriver(thing: unknown): void {
  if (isThing(thing)) SQL_DRIVERS.find((shape) => shape.looksLike(thing))?.force?.(thing)
}
