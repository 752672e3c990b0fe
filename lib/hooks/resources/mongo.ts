import type { Shape } from './shape.ts'
import { call, can, has, inside, isThing, oneOf, type Thing, things } from './thing.ts'

const mongoose: Shape = {
  what: 'mongoose',
  how: 'mongoose.disconnect() once its operations have ended',
  forced: 'closes each of its connections by force',
  looksLike: (mongoose) => can(mongoose, 'createConnection', 'model', 'disconnect') && has(mongoose, 'connections'),
  close: async (mongoose) => {
    await Promise.all(things(inside(mongoose, 'connections')).map(connectionIsQuiet))
    await call(mongoose, 'disconnect')
  },
  force: (mongoose) =>
    Promise.all(things(inside(mongoose, 'connections')).map((connection) => call(connection, 'close', true))),
}

const connection: Shape = {
  what: 'mongoose Connection',
  how: 'connection.close() once its operations have ended',
  forced: 'connection.close(true)',
  looksLike: (connection) => can(connection, 'useDb', 'model', 'close') && has(connection, 'readyState'),
  close: async (connection) => {
    await connectionIsQuiet(connection)
    await call(connection, 'close')
  },
  force: (connection) => call(connection, 'close', true),
}

const client: Shape = {
  what: 'mongodb MongoClient',
  how: 'client.close() once its operations have ended',
  forced: 'client.close(true)',
  looksLike: (client) => can(client, 'connect', 'db', 'startSession', 'close'),
  close: async (client) => {
    await clientIsQuiet(client)
    await call(client, 'close')
  },
  force: (client) => call(client, 'close', true),
}

async function connectionIsQuiet(connection: Thing): Promise<void> {
  const client = inside(connection, 'client')
  if (isThing(client)) await clientIsQuiet(client)
}

/**
 * Waits until no operation holds one of the client's connections: close() interrupts those that do. Each connection
 * that is given back is a public event; how many are out is not public.
 */
async function clientIsQuiet(client: Thing): Promise<void> {
  while (operations(client) > 0) await oneOf(client, 'connectionCheckedIn', 'connectionClosed', 'close')
}

function operations(client: Thing): number {
  const servers = things(inside(client, 'topology', 's', 'servers'))
  return servers.reduce((sum, server) => sum + (Number(inside(server, 'pool', 'currentCheckedOutCount')) || 0), 0)
}

export const MONGO: readonly Shape[] = [mongoose, connection, client]
