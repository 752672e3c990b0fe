import { Queue, Worker } from 'bullmq'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { redisIsAbsent, startRedis } from '../support/redis.ts'
import { type TestContext, test } from '../support/suite.ts'

const skip = redisIsAbsent()

async function open(t: TestContext, seconds = 30) {
  const { socket: path } = await startRedis(t)
  const connection = { path, maxRetriesPerRequest: null }
  const queue = new Queue('jobs', { connection })
  t.after(() => queue.close())
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  return { connection, queue, shutdown }
}

test(
  'bullmq: a job that was fetched when the worker was told to stop goes back at once, and never starts',
  async (t) => {
    const { connection, queue, shutdown } = await open(t)
    let started = 0
    const worker = new Worker('jobs', async () => started++, { connection, autorun: false })
    assert.throws(
      () => shutdown.resource('jobs', worker),
      /fetches work by itself.*shutdown\.consumer\("jobs", thing\)/,
    )
    shutdown.consumer('jobs', worker)
    const active = new Promise((resolve) => worker.once('active', () => resolve(shutdown.begin('test'))))
    const job = await queue.add('job', {})
    void worker.run()
    await active
    const report = await shutdown.begin()
    assert.equal([started, await job.getState()], [0, 'waiting'])
    assert.equal(report.consumers, [{ name: 'jobs', kind: 'bullmq', finished: 0, handedBack: 0, forced: false }])
    assert.is(report.outcome, 'clean')
  },
  { skip },
)

test(
  'bullmq: a job that ignores the cutoff waits, delayed, until the process has ended, and no attempt is counted',
  async (t) => {
    const { connection, queue, shutdown } = await open(t, 1)
    let finish = (_: string): void => {}
    let isRunning = (): void => {}
    const running = new Promise<void>((resolve) => {
      isRunning = resolve
    })
    const cancelled: unknown[] = []
    const process = (_job: unknown, _token: unknown, signal?: AbortSignal): Promise<string> => {
      isRunning()
      signal?.addEventListener('abort', () => cancelled.push(signal.reason))
      return new Promise((resolve) => {
        finish = resolve
      })
    }
    const worker = new Worker('jobs', process, { connection })
    const off = shutdown.consumer('jobs', worker)
    assert.is(shutdown.consumer('jobs again', worker), off)
    const { id } = await queue.add('job', {}, { attempts: 1 })
    await running
    const startedAt = Date.now()
    const report = await shutdown.begin('test')
    finish('too late')
    const job = await queue.getJob(id as string)
    assert.equal([await job?.getState(), job?.attemptsMade, job?.stalledCounter], ['delayed', 0, 0])
    const goneAt = (job?.delay ?? 0) + Date.now() - startedAt
    assert.ok((job?.delay ?? 0) > 0 && goneAt < 2_000, `delayed by ${job?.delay} ms`)
    assert.equal(report.consumers, [{ name: 'jobs', kind: 'bullmq', finished: 0, handedBack: 1, forced: true }])
    assert.equal([report.exitCode, cancelled.length], [1, 1])
    assert.is(report.hooks[0]?.outcome, 'done')
  },
  { skip },
)

test(
  'bullmq: what is taken off goes on working as before',
  async (t) => {
    const { connection, queue, shutdown } = await open(t)
    const worker = new Worker('jobs', async () => 'done', { connection })
    t.after(() => worker.close())
    const listeners = worker.listenerCount('completed')
    shutdown.consumer('jobs', worker)()
    assert.is(worker.listenerCount('completed'), listeners)
    await shutdown.begin('test')
    const completed = new Promise((resolve) => worker.once('completed', resolve))
    await queue.add('job', {})
    await completed
  },
  { skip },
)
