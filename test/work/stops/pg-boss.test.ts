import pg from 'pg'
import PgBoss from 'pg-boss'
import { startDatabases } from '../../support/databases.ts'
import { postgresIsAbsent } from '../../support/postgres.ts'
import { type JobData, testStops } from './stops.ts'

testStops(
  'pg-boss',
  async (t) => {
    const { server, create, within, log } = await startDatabases(t)
    const withBoss = async (database: string, use: (boss: PgBoss) => Promise<unknown>): Promise<void> => {
      const boss = new PgBoss({ ...server, database, max: 3, supervise: false, schedule: false })
      boss.on('error', () => {})
      await boss.start()
      await use(boss)
      await boss.stop({ graceful: false })
    }
    return {
      app: 'works-pg-boss',
      args: (queue) => [server.host, queue],
      add: async (queue, jobs) => {
        await create(queue)
        await withBoss(queue, async (boss) => {
          await boss.createQueue('jobs')
          await boss.insert(jobs.map((data) => ({ name: 'jobs', data })))
        })
      },
      notes: log,
      finish: async (queue, isOver) => {
        const pool = new pg.Pool({ ...server, database: queue, max: 2 })
        const job = async ([{ data } = {}]: { data?: JobData }[]): Promise<void> => {
          await pool.query('insert into log (what) values ($1), ($2)', [`start ${data?.id}`, `done ${data?.id}`])
        }
        await withBoss(queue, async (boss) => {
          await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, job as never)
          await isOver()
        }).finally(() => pool.end())
      },
      left: (queue) =>
        within(queue, async (pool) => {
          const { rows } = await pool.query("select count(*) from pgboss.job where state = 'failed' or retry_count > 1")
          return Number(rows[0].count)
        }),
    }
  },
  postgresIsAbsent(),
)
