import { EventEmitter, once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { type TestContext, test } from '../support/suite.ts'

type Address = { readonly host: string; readonly port: number; readonly user: string }
type Opened = { readonly thing: unknown; readonly query: () => Promise<unknown> }

const callback = (thing: { query(sql: string, done: (error: Error | null) => void): unknown }): Opened => ({
  thing,
  query: () =>
    new Promise<void>((resolve, reject) => thing.query('wait', (error) => (error ? reject(error) : resolve()))),
})
const promise = (thing: { query(sql: string): Promise<unknown> }): Opened => ({
  thing,
  query: () => thing.query('wait'),
})

const kinds: Readonly<Record<string, (address: Address) => Opened | Promise<Opened>>> = {
  pool: (address) => callback(mysql.createPool(address)),
  connection: (address) => callback(mysql.createConnection(address)),
  cluster: (address) => {
    const cluster = mysql.createPoolCluster()
    cluster.add('one', address)
    return { ...callback(cluster.of('*') as never), thing: cluster }
  },
  'pool of promises': (address) => promise(mysqlPromise.createPool(address)),
  'connection of promises': async (address) => promise(await mysqlPromise.createConnection(address)),
  'cluster of promises': (address) => {
    const cluster = mysqlPromise.createPoolCluster()
    cluster.add('one', address)
    return { ...promise(cluster.of('*') as never), thing: cluster }
  },
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`mysql2 ${kind}: a query in flight finishes before the close, and one that hangs is cut off at the limit`, async (t) => {
    const { address, nextQuery } = await startServer(t)
    const graceful = await open(address)
    const closer = findCloser('db', graceful.thing)
    assert.match(closer.how, /^(pool|connection|cluster)\.end\(\)$/)
    const arrived = nextQuery()
    const answered = graceful.query()
    const answer = await arrived
    const closed = closeResource(closer, hookContext().context)
    answer()
    await answered
    await closed
    await closeResource(closer, hookContext().context) // closed already, and that is fine

    const hanging = await open(address)
    const { context, reachLimit } = hookContext()
    const arrivedToo = nextQuery()
    const cut = hanging.query().then(
      () => 'answered',
      () => 'cut off',
    )
    await arrivedToo
    const late = closeResource(findCloser('db', hanging.thing), context).catch((error: Error) => error.name)
    reachLimit()
    assert.equal([await late, await cut], ['TimeoutError', 'cut off'])
  })
}

/** What the package's types leave out. */
interface ServerSide extends EventEmitter {
  sequenceId: number
  readonly stream: Socket
  serverHandshake(options: object): void
  writeOk(): void
}

/** The protocol's other side comes with the package; a query is answered when the test says so. */
async function startServer(t: TestContext) {
  const server = mysql.createServer(() => {})
  const queries = new EventEmitter()
  const sockets = server as unknown as EventEmitter & { _server: Server; listen(port: number, host: string): void }
  const onConnection = (connection: ServerSide): void => {
    connection.on('error', () => {})
    t.after(() => connection.stream.destroy())
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 45,
      capabilityFlags: 0xffffff ^ 0x800,
      authCallback: (_: unknown, done: (error: null) => void) => {
        done(null)
        connection.sequenceId = 0
      },
    })
    connection.on('query', () => {
      queries.emit('query', () => {
        connection.writeOk()
        connection.sequenceId = 0
      })
    })
    connection.on('quit', () => connection.stream.end())
  }
  sockets.on('connection', onConnection)
  sockets.listen(0, '127.0.0.1')
  await once(sockets._server, 'listening')
  t.after(() => new Promise<void>((resolve) => sockets._server.close(() => resolve())))
  const { port } = sockets._server.address() as AddressInfo
  const nextQuery = async (): Promise<() => void> => (await once(queries, 'query'))[0]
  return { address: { host: '127.0.0.1', port, user: 'test' }, nextQuery }
}
