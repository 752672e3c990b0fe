import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import { postgresIsAbsent, startPostgres } from '../../support/postgres.ts'
import { testStops } from './stops.ts'

const logger = new Logger(() => () => {})

testStops(
  'graphile-worker',
  async (t) => {
    const { database, ...server } = await startPostgres(t)
    const admin = new pg.Pool({ ...server, database })
    // Its server ends with the test, and so does this.
    admin.on('error', () => {})
    t.after(() => admin.end())
    // A database each: what one graphile-worker says to another goes to all of a database, in whatever schema.
    const within = async <T>(queue: string, use: (pool: pg.Pool) => Promise<T>): Promise<T> => {
      const pool = new pg.Pool({ ...server, database: queue, max: 3 })
      try {
        return await use(pool)
      } finally {
        await pool.end()
      }
    }
    return {
      app: 'works-graphile',
      args: (queue) => [server.host, queue],
      add: async (queue, jobs) => {
        await admin.query(`create database "${queue}"`)
        await within(queue, async (pgPool) => {
          await pgPool.query('create table log (at bigserial, what text)')
          const utils = await makeWorkerUtils({ pgPool, logger })
          await utils.migrate()
          for (const job of jobs) await utils.addJob('job', job)
          await utils.release()
        })
      },
      notes: (queue) =>
        within(queue, async (pool) => {
          const { rows } = await pool.query('select what from log order by at')
          return rows.map(({ what }) => what)
        }),
      finish: (queue, isOver) =>
        within(queue, async (pgPool) => {
          const job = async (data: unknown): Promise<void> => {
            const { id } = data as { id: number }
            await pgPool.query('insert into log (what) values ($1), ($2)', [`start ${id}`, `done ${id}`])
          }
          const options = { pgPool, logger, concurrency: 2, pollInterval: 200, noHandleSignals: true }
          const runner = await run({ ...options, taskList: { job } })
          try {
            await isOver()
          } finally {
            await runner.stop()
          }
        }),
      left: (queue) =>
        within(queue, async (pool) => {
          const { rows } = await pool.query('select count(*) from graphile_worker.jobs')
          return Number(rows[0].count)
        }),
    }
  },
  postgresIsAbsent(),
)
