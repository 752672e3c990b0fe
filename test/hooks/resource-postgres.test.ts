import knex from 'knex'
import pg from 'pg'
import { Sequelize } from 'sequelize'
import { DataSource } from 'typeorm'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { hookContext } from '../support/hook-context.ts'
import { type Postgres, postgresIsAbsent, startPostgres } from '../support/postgres.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

type Query = (sql: string) => Promise<unknown>

interface Kind {
  readonly what: string
  readonly how: string
  /** Connects, so that closing has something to wait for. */
  readonly open: (server: Postgres) => Promise<{ readonly thing: unknown; readonly query: Query }>
}

const kinds: readonly Kind[] = [
  {
    what: 'pg Pool',
    how: 'pool.end()',
    open: async (server) => {
      const pool = new pg.Pool({ ...server })
      return { thing: pool, query: (sql) => pool.query(sql) }
    },
  },
  {
    what: 'pg Client',
    how: 'client.end() once its queries have ended',
    open: async (server) => {
      const client = new pg.Client({ ...server })
      await client.connect()
      return { thing: client, query: (sql) => client.query(sql) }
    },
  },
  {
    what: 'knex',
    how: 'knex.destroy()',
    open: async (connection) => {
      const db = knex({ client: 'pg', connection: { ...connection } })
      return { thing: db, query: async (sql) => await db.raw(sql) }
    },
  },
  {
    what: 'sequelize',
    how: 'sequelize.close()',
    open: async ({ host, port, user, database }) => {
      const db = new Sequelize(database, user, '', { dialect: 'postgres', host, port, logging: false })
      return { thing: db, query: (sql) => db.query(sql) }
    },
  },
  {
    what: 'typeorm DataSource',
    how: 'dataSource.destroy() once its queries have ended',
    open: async ({ host, port, user, database }) => {
      const source = new DataSource({ type: 'postgres', host, port, username: user, database })
      await source.initialize()
      return { thing: source, query: (sql) => source.query(sql) }
    },
  },
]

test(
  `a query in flight finishes before the close, and one that hangs is cut off at the limit: ${kinds.map((kind) => kind.what).join(', ')}`,
  async (t) => {
    const server = await startPostgres(t)
    const watcher = await watch(t, server)
    for (const { what, how, open } of kinds) {
      await watcher.query('select pg_advisory_lock(1)')
      const graceful = await open(server)
      const closer = findCloser('db', graceful.thing)
      assert.is(closer.how, how)
      const order: string[] = []
      const answered = graceful.query('select pg_advisory_lock(1)').then(() => order.push('answered'))
      await watcher.until(`the query of ${what} waits for the lock`, WAITING, 1)
      const closed = closeResource(closer, hookContext().context).then(() => order.push('closed'))
      await watcher.query('select pg_advisory_unlock(1)')
      await Promise.all([answered, closed])
      assert.equal(order, ['answered', 'closed'], what)
      await closeResource(closer, hookContext().context) // closed already, and that is fine
      const idle = await open(server)
      await closeResource(findCloser('db', idle.thing), hookContext().context)
      await watcher.until(`${what} has disconnected`, CONNECTED, 1)

      await watcher.query('select pg_advisory_lock(1)')
      const hanging = await open(server)
      const { context, reachLimit } = hookContext()
      const cut = hanging.query('select pg_advisory_lock(1)').then(
        () => 'answered',
        () => 'cut off',
      )
      await watcher.until(`the second query of ${what} waits for the lock`, WAITING, 1)
      const late = closeResource(findCloser('db', hanging.thing), context).catch((error: Error) => error.name)
      reachLimit()
      assert.equal([await late, await cut], ['TimeoutError', 'cut off'], what)
      // The server notices that its client has gone when it has the lock and writes the answer.
      await watcher.query('select pg_advisory_unlock(1)')
      await watcher.until(`${what} is disconnected`, CONNECTED, 1)
    }
  },
  { skip: postgresIsAbsent(), limitMs: 60_000 },
)

const WAITING = "select count(*)::int n from pg_locks where locktype = 'advisory' and not granted"

const CONNECTED = "select count(*)::int n from pg_stat_activity where backend_type = 'client backend'"

/** A connection of the test's own. */
async function watch(t: TestContext, server: Postgres) {
  const client = new pg.Client({ ...server })
  await client.connect()
  t.after(() => client.end())
  return {
    query: (sql: string) => client.query(sql),
    until: (what: string, sql: string, n: number) =>
      until(
        what,
        async () => (await client.query<{ n: number }>(sql)).rows[0]?.n,
        (seen) => seen === n,
        { signal: t.signal },
      ),
  }
}
