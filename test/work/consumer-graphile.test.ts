import { Logger, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startDatabases } from '../support/databases.ts'
import { postgresIsAbsent } from '../support/postgres.ts'
import { type TestContext, test } from '../support/suite.ts'

const logger = new Logger(() => () => {})

async function open(t: TestContext, job: () => Promise<void>) {
  const { server, create } = await startDatabases(t)
  await create('jobs')
  const pgPool = new pg.Pool({ ...server, database: 'jobs' })
  t.after(() => pgPool.end())
  const options = { pgPool, logger, concurrency: 1, pollInterval: 50, noHandleSignals: true, taskList: { job } }
  const runner: Runner = await run(options)
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: 30 })
  t.after(() => shutdown.dispose())
  const jobs = async () => {
    const { rows } = await pgPool.query('select attempts, locked_at is null as free from graphile_worker.jobs')
    return rows
  }
  return { runner, shutdown, jobs }
}

test(
  'graphile-worker: a job whose fetch was under way at the stop never starts, and is free again',
  async (t) => {
    let started = 0
    const { runner, shutdown, jobs } = await open(t, async () => void started++)
    shutdown.consumer('jobs', runner)
    const begun = new Promise((resolve) =>
      runner.events.once('worker:getJob:empty', () => {
        // The next fetch finds the job, and is asked for in the moment of the stop.
        void runner.addJob('job', {}).then(() => {
          runner.events.once('worker:getJob:start', () => resolve(shutdown.begin('test')))
        })
      }),
    )
    await begun
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
