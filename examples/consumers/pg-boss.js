// node examples/consumers/pg-boss.js, with a PostgreSQL in DATABASE_URL; then Ctrl-C in the middle of a job.
// Watch: the job that runs is finished, the one behind it never starts here, and the connections close last.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import PgBoss from 'pg-boss'

const shutdown = createShutdown()

const boss = new PgBoss(process.env.DATABASE_URL ?? 'postgres://postgres@localhost/postgres')
boss.on('error', (error) => console.error(error.message))
shutdown.consumer('mails', boss) // before work()
shutdown.resource('pg-boss', boss)

await boss.start()
await boss.createQueue('mails')
for (const to of ['ann', 'bob']) await boss.send('mails', { to })
await boss.work('mails', ([job]) => send(job.data))

async function send({ to }) {
  console.log(`ready: a mail to ${to} is on its way`)
  // What runs at drain's limit is given up by cutoff, and handed back to the queue.
  await sleep(1000, undefined, { signal: shutdown.cutoff })
  console.log(`the mail to ${to} is sent`)
}
