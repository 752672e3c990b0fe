import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Bree from 'bree'
import cron from 'node-cron'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const create = (t: TestContext) => {
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: 30 })
  t.after(() => shutdown.dispose())
  return shutdown
}

test('node-cron: a task that runs is awaited, one that does not is stopped; alone, or all of the module', async (t) => {
  for (const all of [false, true]) {
    const shutdown = create(t)
    let runs = 0
    let finish = (): void => {}
    const task = cron.schedule('* * * * * *', () => {
      runs++
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    const idle = cron.schedule('0 0 1 1 *', () => {})
    shutdown.consumer('cron', all ? cron : task)
    shutdown.hook('finish', () => finish(), { phase: 'drain' })
    await until('it runs', () => runs === 1)
    const report = await shutdown.begin('test')
    assert.equal([report.outcome, task.getStatus(), idle.getStatus()], ['clean', 'stopped', all ? 'stopped' : 'idle'])
    assert.equal(report.consumers, [{ name: 'cron', kind: 'node-cron', finished: 1, handedBack: 0, forced: false }])
    shutdown.dispose()
    for (const one of [task, idle]) one.destroy()
  }
})

test('node-cron: a task that runs on at the limit is given up', async (t) => {
  const shutdown = create(t)
  let runs = 0
  const task = cron.schedule('* * * * * *', () => {
    runs++
    return new Promise<void>(() => {})
  })
  t.after(() => task.destroy())
  shutdown.consumer('cron', task, { timeoutMs: 50 })
  await until('it runs', () => runs === 1)
  const { consumers } = await shutdown.begin('test')
  assert.equal(consumers, [{ name: 'cron', kind: 'node-cron', finished: 0, handedBack: 1, forced: true }])
})

test('node-cron: of a task that runs several times at once each is awaited', async (t) => {
  const shutdown = create(t)
  const finish: (() => void)[] = []
  const task = cron.schedule('* * * * * *', () => new Promise<void>((resolve) => void finish.push(resolve)))
  t.after(() => task.destroy())
  await until('it runs', () => finish.length === 1)
  shutdown.consumer('cron', task)
  await until('it runs twice', () => finish.length > 1)
  const finishAll = async (): Promise<void> => {
    for (const one of finish.reverse()) {
      one()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  shutdown.hook('finish', finishAll, { phase: 'drain' })
  const { consumers, outcome } = await shutdown.begin('test')
  const finished = finish.length
  assert.equal(consumers, [{ name: 'cron', kind: 'node-cron', finished, handedBack: 0, forced: false }])
  assert.is(outcome, 'clean')
})

test('node-cron: of a task in a process of its own, overlapping runs that went with that are given up', async (t) => {
  const shutdown = create(t)
  const folder = mkdtempSync(join(tmpdir(), 'lastcall-cron-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'task.mjs')
  writeFileSync(file, 'export const task = () => new Promise((resolve) => setTimeout(resolve, 2_500))')
  const task = cron.schedule('* * * * * *', file)
  t.after(() => task.destroy())
  shutdown.consumer('cron', task)
  let runs = 0
  task.on('execution:started', () => void runs++)
  await until('it runs twice', () => runs > 1)
  const { consumers, hooks } = await shutdown.begin('test')
  const [cronReport] = consumers
  assert.equal([cronReport?.forced, hooks[0]?.outcome], [false, 'done'])
  assert.is((cronReport?.finished ?? 0) + (cronReport?.handedBack ?? 0), runs)
  assert.ok((cronReport?.handedBack ?? 0) > 0)
})

async function startBree(t: TestContext, job: string): Promise<Bree> {
  const root = mkdtempSync(join(tmpdir(), 'lastcall-bree-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'job.js'), job)
  const bree = new Bree({ root, logger: false, jobs: [{ name: 'job', interval: 50, timeout: 0 }] } as Bree.BreeOptions)
  t.after(() => bree.stop())
  await bree.start()
  await until('the job runs', () => bree.workers.size === 1)
  return bree
}

test('bree: no job starts any more, and the one that runs ends by itself', async (t) => {
  const bree = await startBree(t, 'setTimeout(() => process.exit(0), 300)')
  const shutdown = create(t)
  const started: string[] = []
  shutdown.consumer('jobs', bree)
  ;(bree as unknown as EventEmitter).on('worker created', (name) => started.push(name))
  const report = await shutdown.begin('test')
  assert.equal([started, bree.workers.size, report.outcome], [[], 0, 'clean'])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'bree', finished: 1, handedBack: 0, forced: false }])
})

test('bree: a job that runs on at the limit is told to cancel', async (t) => {
  const bree = await startBree(
    t,
    `const { parentPort } = require('node:worker_threads')
    parentPort.on('message', (message) => message === 'cancel' && parentPort.postMessage('cancelled'))`,
  )
  const shutdown = create(t)
  shutdown.consumer('jobs', bree, { timeoutMs: 200 })
  const report = await shutdown.begin('test')
  assert.is(bree.workers.size, 0)
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'bree', finished: 0, handedBack: 1, forced: true }])
})

// The packages bring the SDKs of their clouds with them, and there is no server to try them against: told by their shape.

class Sqs extends EventEmitter {
  readonly sqs = {}
  readonly queueUrl = 'http://127.0.0.1/queue'
  readonly stops: unknown[] = []
  start(): void {}
  stop(options: unknown): void {
    this.stops.push(options)
  }
}

test('sqs-consumer: an open poll is given up, but never while a message is in hand', async (t) => {
  for (const inHand of [0, 2]) {
    const sqs = new Sqs()
    const shutdown = create(t)
    shutdown.consumer('jobs', sqs)
    for (let message = 0; message < inHand; message++) sqs.emit('message_received', {})
    shutdown.hook(
      'finish',
      () => {
        assert.equal(sqs.stops, [{ abort: inHand === 0 }])
        if (inHand === 0) return
        sqs.emit('message_processed', {})
        sqs.emit('processing_error', new Error('no'), {})
        sqs.emit('response_processed')
      },
      { phase: 'drain' },
    )
    const { consumers, outcome } = await shutdown.begin('test')
    assert.equal([outcome, consumers[0]?.finished, consumers[0]?.handedBack], ['clean', inHand, 0])
    shutdown.dispose()
  }
})

test('sqs-consumer: what is in hand at the limit is counted', async (t) => {
  const sqs = new Sqs()
  const shutdown = create(t)
  shutdown.consumer('jobs', sqs, { timeoutMs: 20 })
  sqs.emit('message_received', {})
  const { consumers } = await shutdown.begin('test')
  assert.equal(consumers, [{ name: 'jobs', kind: 'sqs-consumer', finished: 0, handedBack: 1, forced: true }])
})

class Subscription extends EventEmitter {
  isOpen = true
  seek(): void {}
  modifyPushConfig(): void {}
  close(callback: () => void): void {
    this.isOpen = false
    callback()
  }
}

function message(said: string[], name: string) {
  return { ack: () => said.push(`ack ${name}`), nack: () => said.push(`nack ${name}`) }
}

test('pubsub: what is in hand is finished before the close, and what comes late is refused after it', async (t) => {
  const subscription = new Subscription()
  const said: string[] = []
  const got: { ack(): void }[] = []
  subscription.on('message', (one) => got.push(one))
  const shutdown = create(t)
  shutdown.consumer('jobs', subscription)
  for (const name of ['one', 'two']) subscription.emit('message', message(said, name))
  got[0]?.ack()
  shutdown.hook(
    'finish',
    () => {
      subscription.emit('message', message(said, 'late'))
      assert.ok(subscription.isOpen)
      got[1]?.ack()
    },
    { phase: 'drain' },
  )
  const report = await shutdown.begin('test')
  assert.equal([said, got.length, subscription.isOpen], [['ack one', 'ack two', 'nack late'], 2, false])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'pubsub', finished: 1, handedBack: 0, forced: false }])
})

test('pubsub: what is in hand at the limit is refused', async (t) => {
  const subscription = new Subscription()
  const said: string[] = []
  const shutdown = create(t)
  shutdown.consumer('jobs', subscription, { timeoutMs: 20 })
  subscription.emit('message', message(said, 'one'))
  const report = await shutdown.begin('test')
  assert.equal([said, subscription.isOpen], [['nack one'], false])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'pubsub', finished: 0, handedBack: 1, forced: true }])
})
