import { Logger, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startDatabases } from '../support/databases.ts'
import { postgresIsAbsent } from '../support/postgres.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const logger = new Logger(() => () => {})

async function open(t: TestContext, job: () => Promise<void>, seconds = 30) {
  const { server, create } = await startDatabases(t)
  await create('jobs')
  const pgPool = new pg.Pool({ ...server, database: 'jobs' })
  t.after(() => pgPool.end())
  const options = { pgPool, logger, concurrency: 1, pollInterval: 50, noHandleSignals: true, taskList: { job } }
  const runner: Runner = await run(options)
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  const jobs = async () => {
    const { rows } = await pgPool.query('select attempts, locked_at is null as free from graphile_worker.jobs')
    return rows
  }
  /** A job is in the queue, and the fetch that finds it is under way: it waits for the table until it is let in. */
  const holdFetch = async () => {
    // The first fetch registers the task, which would wait for our job's registration and not for the table.
    await new Promise<void>((resolve) => runner.events.once('worker:getJob:empty', () => resolve()))
    const client = await pgPool.connect()
    let isReleased = false
    const release = (destroy: boolean) => {
      if (!isReleased) client.release(destroy)
      isReleased = true
    }
    t.after(() => release(true))
    await client.query('begin')
    await client.query('lock table graphile_worker._private_jobs')
    await client.query("select graphile_worker.add_job('job')")
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%locked_by%'"
    await until('a fetch waits', async () => (await pgPool.query(waiting)).rowCount)
    return async () => {
      await client.query('commit')
      release(false)
    }
  }
  return { runner, shutdown, jobs, holdFetch, pgPool }
}

test(
  'graphile-worker: a job whose fetch was under way at the stop never starts, and is free again',
  async (t) => {
    let started = 0
    const { runner, shutdown, jobs, holdFetch } = await open(t, async () => void started++)
    shutdown.consumer('jobs', runner)
    const letIn = await holdFetch()
    void shutdown.begin('test')
    await letIn()
    const report = await shutdown.begin()
    assert.equal([started, await jobs()], [0, [{ attempts: 1, free: true }]])
    assert.equal(report.consumers, [
      { name: 'jobs', kind: 'graphile-worker', finished: 0, handedBack: 0, forced: false },
    ])
    assert.is(report.outcome, 'clean')
  },
  { skip: postgresIsAbsent() },
)

test(
  'graphile-worker: a job that runs on at the limit is free again when the shutdown goes on',
  async (t) => {
    let isRunning = (): void => {}
    const running = new Promise<void>((resolve) => {
      isRunning = resolve
    })
    const { runner, shutdown, jobs } = await open(t, () => {
      isRunning()
      return new Promise(() => {})
    })
    shutdown.consumer('jobs', runner, { timeoutMs: 100 })
    let seen: unknown
    shutdown.hook('look', async () => {
      seen = await jobs()
    })
    await runner.addJob('job', {})
    await running
    const report = await shutdown.begin('test')
    assert.equal(seen, [{ attempts: 1, free: true }])
    assert.equal(report.consumers, [
      { name: 'jobs', kind: 'graphile-worker', finished: 0, handedBack: 1, forced: true },
    ])
  },
  { skip: postgresIsAbsent() },
)

for (const [how, unwind, counts, left] of [
  ['done counts as finished', () => {}, { finished: 1, handedBack: 0 }, []],
  [
    'given up counts as handed back',
    () => Promise.reject(new Error('cut')),
    { finished: 0, handedBack: 1 },
    [{ attempts: 1, free: true }],
  ],
] as const) {
  test(
    `graphile-worker: a job that ends behind the limit, ${how}`,
    async (t) => {
      let isRunning = (): void => {}
      const running = new Promise<void>((resolve) => {
        isRunning = resolve
      })
      const job = async (): Promise<void> => {
        isRunning()
        await new Promise((resolve) => shutdown.cutoff.addEventListener('abort', resolve))
        await unwind()
      }
      const { runner, shutdown, jobs } = await open(t, job, 2)
      shutdown.consumer('jobs', runner)
      const written = new Promise((resolve) => runner.events.once('job:complete', resolve))
      let seen: unknown
      shutdown.hook('look', async () => {
        await written
        seen = await jobs()
      })
      await runner.addJob('job', {})
      await running
      const report = await shutdown.begin('test')
      assert.equal(seen, left)
      assert.equal(report.consumers, [{ name: 'jobs', kind: 'graphile-worker', ...counts, forced: true }])
    },
    { skip: postgresIsAbsent() },
  )
}

test(
  'graphile-worker: a job whose end the database does not take counts as handed back',
  async (t) => {
    const { runner, shutdown, pgPool } = await open(t, async () => {
      void shutdown.begin('test')
      await pgPool.query('alter table graphile_worker._private_jobs rename to gone')
    })
    shutdown.consumer('jobs', runner)
    await runner.addJob('job', {})
    await new Promise<void>((resolve) => shutdown.stopping.addEventListener('abort', () => resolve()))
    const { consumers, outcome } = await shutdown.begin()
    assert.equal([consumers[0]?.finished, consumers[0]?.handedBack, outcome], [0, 1, 'unclean'])
  },
  { skip: postgresIsAbsent() },
)

for (const when of ['before it is registered', 'since']) {
  test(
    `graphile-worker: a runner that the app has stopped ${when} is done`,
    async (t) => {
      const { runner, shutdown } = await open(t, async () => {})
      const register = () => shutdown.consumer('jobs', runner)
      if (when === 'since') register()
      await runner.stop()
      if (when !== 'since') register()
      const { consumers, outcome } = await shutdown.begin('test')
      assert.equal(consumers, [{ name: 'jobs', kind: 'graphile-worker', finished: 0, handedBack: 0, forced: false }])
      assert.is(outcome, 'clean')
    },
    { skip: postgresIsAbsent() },
  )
}
