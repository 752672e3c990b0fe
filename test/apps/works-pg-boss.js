// A pg-boss: each job takes as long as it says, and writes what happens to it into a table.
import { createShutdown } from 'lastcall'
import pg from 'pg'
import PgBoss from 'pg-boss'
import { given } from './given.js'
import { runJob } from './runs-job.js'

const shutdown = createShutdown(given)
const [host, database] = process.argv.slice(2)
const connection = { host, user: 'postgres', database }
const log = new pg.Pool(connection)
const note = (what, id) => log.query('insert into log (what) values ($1)', [`${what} ${id}`])
const boss = new PgBoss({ ...connection, max: 3, supervise: false, schedule: false })
boss.on('error', () => {})
shutdown.consumer('jobs', boss)
shutdown.resource('pg-boss', boss)
await boss.start()
for (let worker = 0; worker < 5; worker++) {
  await boss.work('jobs', { pollingIntervalSeconds: 0.5 }, ([job]) => runJob(shutdown, note, job.data))
}
console.log('ready')
