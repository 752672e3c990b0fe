import pg from 'pg'
import { type Postgres, startPostgres } from './postgres.ts'
import type { TestContext } from './suite.ts'

/** Databases of a server of the test's own, with a table `log` that says what happened in order. */
export interface Databases {
  readonly server: Omit<Postgres, 'database'>
  create(name: string): Promise<void>
  /** With a pool of its own, which is closed afterwards. */
  within<T>(name: string, use: (pool: pg.Pool) => Promise<T>): Promise<T>
  log(name: string): Promise<string[]>
}

export async function startDatabases(t: TestContext): Promise<Databases> {
  const { database, ...server } = await startPostgres(t)
  const admin = new pg.Pool({ ...server, database })
  // Its server ends with the test, and so does this.
  admin.on('error', () => {})
  t.after(() => admin.end())
  const within = async <T>(name: string, use: (pool: pg.Pool) => Promise<T>): Promise<T> => {
    const pool = new pg.Pool({ ...server, database: name, max: 3 })
    try {
      return await use(pool)
    } finally {
      await pool.end()
    }
  }
  return {
    server,
    within,
    create: async (name) => {
      await admin.query(`create database "${name}"`)
      await within(name, (pool) => pool.query('create table log (at bigserial, what text)'))
    },
    log: (name) =>
      within(name, async (pool) => {
        const { rows } = await pool.query('select what from log order by at')
        return rows.map(({ what }) => what)
      }),
  }
}
