import { Queue, Worker } from 'bullmq'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { redisIsAbsent, startRedis } from '../support/redis.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const skip = redisIsAbsent()

async function open(t: TestContext, seconds = 30) {
  const { socket: path, server } = await startRedis(t)
  let isOver = false
  // Where a test has ended the server, its clients would try to come back for ever.
  const connection = { path, maxRetriesPerRequest: null, retryStrategy: () => (isOver ? null : 50) }
  const queue = new Queue('jobs', { connection })
  t.after(() => {
    isOver = true
    return queue.close()
  })
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  return { connection, queue, shutdown, server }
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

test(
  'bullmq: the process of a processor that is a file does not outlive the stop',
  async (t) => {
    const { connection, queue, shutdown } = await open(t, 1)
    const file = new URL('../apps/works-in-sandbox.cjs', import.meta.url)
    const worker = new Worker('jobs', file, { connection })
    const progress = new Promise<number>((resolve) => {
      worker.on('progress', (_, told) => resolve((told as { pid: number }).pid))
    })
    shutdown.consumer('jobs', worker)
    const { id } = await queue.add('job', {})
    const pid = await progress
    assert.not.throws(() => process.kill(pid, 0))
    const { consumers } = await shutdown.begin('test')
    assert.equal(consumers, [{ name: 'jobs', kind: 'bullmq', finished: 0, handedBack: 1, forced: true }])
    await until('the process has gone', () => {
      try {
        return !process.kill(pid, 0)
      } catch {
        return true
      }
    })
    assert.is(await (await queue.getJob(id as string))?.getState(), 'delayed')
  },
  { skip },
)

test(
  'bullmq: a job that ended when the server was gone counts as handed back: nobody has written down that it is done',
  async (t) => {
    const { connection, queue, shutdown, server } = await open(t, 2)
    queue.on('error', () => {})
    const ended = new Promise<void>((resolve) => {
      const job = async (): Promise<void> => {
        void shutdown.begin('test')
        server.kill('SIGKILL')
        await server.exited
        resolve()
      }
      const worker = new Worker('jobs', job, { connection })
      worker.on('error', () => {})
      shutdown.consumer('jobs', worker)
    })
    await queue.add('job', {})
    await ended
    const { consumers, outcome } = await shutdown.begin()
    assert.equal(consumers, [{ name: 'jobs', kind: 'bullmq', finished: 0, handedBack: 1, forced: true }])
    assert.is(outcome, 'unclean')
  },
  { skip },
)
