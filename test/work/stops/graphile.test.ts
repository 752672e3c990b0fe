import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { startDatabases } from '../../support/databases.ts'
import { postgresIsAbsent } from '../../support/postgres.ts'
import { testStops } from './stops.ts'

const logger = new Logger(() => () => {})

testStops(
  'graphile-worker',
  async (t) => {
    // A database each: what one graphile-worker says to another goes to all of a database, in whatever schema.
    const { server, create, within, log } = await startDatabases(t)
    return {
      app: 'works-graphile',
      args: (queue) => [server.host, queue],
      add: async (queue, jobs) => {
        await create(queue)
        await within(queue, async (pgPool) => {
          const utils = await makeWorkerUtils({ pgPool, logger })
          await utils.migrate()
          for (const job of jobs) await utils.addJob('job', job)
          await utils.release()
        })
      },
      notes: log,
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
