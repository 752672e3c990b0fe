// A graphile-worker: each job takes as long as it says, and writes what happens to it into a table.
import { Logger, run } from 'graphile-worker'
import { createShutdown } from 'lastcall'
import pg from 'pg'
import { given } from './given.js'
import { runJob } from './runs-job.js'

const shutdown = createShutdown(given)
const [host, database] = process.argv.slice(2)
const pool = new pg.Pool({ host, user: 'postgres', database })
const note = (what, id) => pool.query('insert into log (what) values ($1)', [`${what} ${id}`])
const taskList = { job: (data) => runJob(shutdown, note, data) }
const logger = new Logger(() => () => {})
const runner = await run({
  pgPool: pool,
  taskList,
  logger,
  concurrency: 5,
  pollInterval: 500,
  noHandleSignals: true,
})
shutdown.consumer('jobs', runner)
shutdown.resource('postgres', pool)
console.log('ready')
