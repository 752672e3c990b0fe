import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { startKafkaBroker } from '../support/kafka-broker.ts'
import { postgresIsAbsent, startPostgres } from '../support/postgres.ts'
import { redisIsAbsent, startRedis } from '../support/redis.ts'
import { test } from '../support/suite.ts'
import { EXAMPLES, endsClean, hasFirstComment, startExample } from './example.ts'

test(
  'bullmq.js: the job that runs is finished, and the one behind it waits for another worker',
  async (t) => {
    const { socket } = await startRedis(t)
    const { app } = await startExample(t, 'consumers/bullmq.js', { REDIS_URL: socket })
    app.kill()
    await endsClean(app, ['the mail to ann is sent'], '2 hooks')
    const queue = new Queue('mails', { connection: { path: socket } })
    t.after(() => queue.close())
    const { completed, waiting, active, failed } = await queue.getJobCounts()
    assert.equal({ completed, waiting, active, failed }, { completed: 1, waiting: 1, active: 0, failed: 0 })
  },
  { skip: redisIsAbsent() },
)

test(
  'pg-boss.js: the job that runs is finished, and the one behind it waits for another worker',
  async (t) => {
    const { host, user, database } = await startPostgres(t)
    const url = `postgres://${user}@${encodeURIComponent(host)}/${database}`
    const { app } = await startExample(t, 'consumers/pg-boss.js', { DATABASE_URL: url })
    app.kill()
    await endsClean(app, ['the mail to ann is sent'], '2 hooks')
    const client = new pg.Client(url)
    await client.connect()
    t.after(() => client.end())
    const { rows } = await client.query("select data, state from pgboss.job where name = 'mails' order by created_on")
    assert.equal(
      rows.map(({ data, state }) => [data.to, state]),
      [
        ['ann', 'completed'],
        ['bob', 'created'],
      ],
    )
  },
  { skip: postgresIsAbsent(), limitMs: 30_000 },
)

test('kafkajs.js: the message at hand is finished and committed, and the next one is left to others', async (t) => {
  const { address, committed, seen } = await startKafkaBroker(t, 'mails', ['ann', 'bob'])
  const { app } = await startExample(t, 'consumers/kafkajs.js', { KAFKA_BROKERS: address })
  assert.is(committed(), 0)
  app.kill()
  await endsClean(app, ['the mail to ann is sent'], '1 hook')
  assert.equal([committed(), seen.at(-1)], [1, 'LeaveGroup'])
})

test('every consumer example has a test above, and a first comment with its command and what to watch', () => {
  const files = readdirSync(join(EXAMPLES, 'consumers')).sort()
  assert.equal(files, ['bullmq.js', 'kafkajs.js', 'pg-boss.js'])
  for (const file of files) hasFirstComment(`consumers/${file}`)
})
