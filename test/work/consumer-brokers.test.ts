import { type Channel, type ConsumeMessage, connect as connectAmqp } from 'amqplib'
import { Kafka, logLevel } from 'kafkajs'
import { connect as connectNats } from 'nats'
import * as assert from 'uvu/assert'
import { createShutdown } from '../../lib/index.ts'
import { startAmqpBroker } from '../support/amqp-broker.ts'
import { natsIsAbsent, startNats } from '../support/nats.ts'
import { type TestContext, test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const create = (t: TestContext, seconds = 30) => {
  const shutdown = createShutdown({ exit: false, logger: () => {}, terminationGracePeriodSeconds: seconds })
  t.after(() => shutdown.dispose())
  return shutdown
}

async function openChannel(t: TestContext, noAck = false) {
  const broker = await startAmqpBroker(t)
  const connection = await connectAmqp(broker.url)
  let isLost = false
  connection.on('close', () => {
    isLost = true
  })
  t.after(() => (isLost ? undefined : connection.close()))
  const channel = await connection.createChannel()
  const got: ConsumeMessage[] = []
  const consume = () => channel.consume('jobs', (message) => message && got.push(message), { noAck })
  const deliver = async (tag: number): Promise<void> => {
    broker.deliver(1, tag)
    const delivered = (): boolean => got.some(({ fields }) => fields.deliveryTag === tag)
    await until(`message ${tag} has arrived`, delivered)
  }
  return { broker, connection, channel, got, consume, deliver }
}

const ack = (channel: Channel, message: ConsumeMessage | undefined): void => channel.ack(message as ConsumeMessage)

test('amqplib: the channel stays open until what is in hand is acknowledged, and what comes late goes back', async (t) => {
  const { broker, channel, got, consume, deliver } = await openChannel(t)
  const shutdown = create(t)
  shutdown.consumer('jobs', channel)
  await consume()
  for (const tag of [1, 2, 3]) await deliver(tag)
  ack(channel, got[0])
  const seen = (name: string) => until(`${name} has arrived`, () => broker.seen.includes(name))
  shutdown.hook(
    'finish',
    async () => {
      await seen('BasicCancel')
      broker.deliver(1, 4)
      channel.nack(got[1] as ConsumeMessage, false, true)
      await until('message 2 is settled', () => broker.settled.length === 2)
      assert.not(broker.seen.includes('ChannelClose'))
      ack(channel, got[2])
    },
    { phase: 'drain' },
  )
  const report = await shutdown.begin('test')
  await until('all is settled', () => broker.settled.length === 4)
  assert.equal(broker.settled, ['BasicAck 1', 'BasicNack 2 requeue', 'BasicAck 3', 'BasicNack 0 requeue'])
  assert.is(got.length, 3)
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'amqplib', finished: 2, handedBack: 0, forced: false }])
})

test('amqplib: at the limit all goes back, and an acknowledgement that comes too late is swallowed', async (t) => {
  const { broker, channel, got, consume, deliver } = await openChannel(t)
  const shutdown = create(t)
  shutdown.consumer('jobs', channel, { timeoutMs: 50 })
  await consume()
  for (const tag of [1, 2]) await deliver(tag)
  const report = await shutdown.begin('test')
  ack(channel, got[0])
  channel.nackAll()
  await channel.close()
  assert.equal(broker.settled, ['BasicNack 0 requeue'])
  assert.equal(report.consumers, [{ name: 'jobs', kind: 'amqplib', finished: 0, handedBack: 2, forced: true }])
})

test('amqplib: what is acknowledged up to a message, or never at all, is not waited for', async (t) => {
  const first = await openChannel(t)
  const second = await openChannel(t, true)
  const shutdown = create(t)
  shutdown.consumer('jobs', first.channel)
  shutdown.consumer('news', second.channel)
  for (const { consume, deliver } of [first, second]) {
    await consume()
    for (const tag of [1, 2]) await deliver(tag)
  }
  first.channel.ack(first.got[1] as ConsumeMessage, true)
  const { outcome, consumers } = await shutdown.begin('test')
  assert.equal([outcome, consumers.map(({ forced }) => forced)], ['clean', [false, false]])
})

test('amqplib: a channel that is taken off, or closed by somebody else, is as before', async (t) => {
  const { broker, channel, got, consume, deliver } = await openChannel(t)
  const shutdown = create(t)
  const before = Object.keys(channel)
  shutdown.consumer('jobs', channel)()
  assert.equal(Object.keys(channel), before)
  shutdown.consumer('jobs', channel)
  await consume()
  await deliver(1)
  assert.is(got.length, 1)
  shutdown.preStop('close', () => channel.close())
  const report = await shutdown.begin('test')
  // What was in hand is in its queue again.
  assert.equal([report.verdict, broker.settled], ['unclean: jobs: 1 job handed back', []])
})

for (const [when, handedBack] of [
  // Long ago, maybe, and its message is somebody else's by now.
  ['before the stop', 0],
  ['in the stop', 1],
] as const) {
  test(`amqplib: a channel that was lost ${when} is not waited for; ${handedBack} handed back`, async (t) => {
    const { broker, connection, channel, got, consume, deliver } = await openChannel(t)
    channel.on('error', () => {})
    connection.on('error', () => {})
    const shutdown = create(t)
    shutdown.consumer('jobs', channel)
    await consume()
    await deliver(1)
    const lost = new Promise((resolve) => channel.once('close', resolve))
    if (when === 'in the stop') {
      shutdown.hook('lose', () => broker.drop(), { phase: 'drain' })
    } else {
      broker.drop()
      await lost
      assert.throws(() => ack(channel, got[0]), /closed/)
    }
    const { consumers, hooks } = await shutdown.begin('test')
    assert.equal(consumers, [{ name: 'jobs', kind: 'amqplib', finished: 0, handedBack, forced: false }])
    assert.ok(hooks.every(({ outcome }) => outcome === 'done'))
  })
}

test(
  'nats: a subscription handles what has been delivered, and nothing that is published later; so do all of a connection',
  async (t) => {
    const { server } = await startNats(t)
    const [sender, receiver] = [await connectNats({ servers: server }), await connectNats({ servers: server })]
    t.after(() => sender.close())
    for (const thing of ['subscription', 'connection']) {
      const shutdown = create(t)
      const subscription = receiver.subscribe('jobs')
      shutdown.consumer('jobs', thing === 'connection' ? receiver : subscription)
      const handled: string[] = []
      const loop = (async () => {
        for await (const message of subscription) {
          await new Promise((resolve) => setImmediate(resolve))
          handled.push(message.string())
        }
      })()
      await receiver.flush()
      for (let i = 0; i < 100; i++) sender.publish('jobs', 'early')
      await sender.flush()
      // When the server has heard of the end, nothing comes any more.
      shutdown.preStop('publish', async () => {
        await until('the subscription is over', () => subscription.isClosed())
        sender.publish('jobs', 'late')
        await sender.flush()
      })
      const report = await shutdown.begin('test')
      shutdown.dispose()
      if (thing === 'connection') await loop
      assert.equal([handled.length, handled.includes('late')], [100, false])
      assert.equal(
        [report.outcome, report.consumers[0]?.kind, receiver.isClosed()],
        ['clean', 'nats', thing === 'connection'],
      )
    }
  },
  { skip: natsIsAbsent() },
)

test(
  'nats JetStream: what was fetched and not acknowledged stays in the stream',
  async (t) => {
    const { server } = await startNats(t, { jetStream: true })
    const connection = await connectNats({ servers: server })
    t.after(() => connection.close())
    const manager = await connection.jetstreamManager()
    await manager.streams.add({ name: 'jobs', subjects: ['jobs'] })
    await manager.consumers.add('jobs', { durable_name: 'workers', ack_policy: 'explicit' as never })
    const stream = connection.jetstream()
    for (let i = 0; i < 3; i++) await stream.publish('jobs')
    const shutdown = create(t)
    const messages = await (await stream.consumers.get('jobs', 'workers')).consume({ max_messages: 10 })
    shutdown.consumer('jobs', messages)
    let handled = 0
    let wasAwaited = false
    shutdown.hook('close', () => assert.ok(wasAwaited))
    for await (const message of messages) {
      handled++
      void shutdown.begin('test')
      await new Promise((resolve) => setTimeout(resolve, 50))
      message.ack()
      wasAwaited = true
    }
    const report = await shutdown.begin()
    await connection.flush()
    // What had been fetched with it was refused, and is waiting for another worker.
    const state = async () => {
      const { ack_floor, num_pending, num_ack_pending } = await manager.consumers.info('jobs', 'workers')
      return [ack_floor.stream_seq, num_pending + num_ack_pending]
    }
    await until(
      'the first alone is acknowledged',
      state,
      ([acknowledged, left]) => acknowledged === 1 && Number(left) >= 2,
    )
    assert.equal([handled, report.outcome], [1, 'clean'])
    assert.equal(report.consumers, [
      { name: 'jobs', kind: 'nats-jetstream', finished: 1, handedBack: 0, forced: false },
    ])
  },
  { skip: natsIsAbsent() },
)

test('kafkajs: a consumer is stopped and disconnected; a producer is none', async (t) => {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: 'test' })
  const shutdown = create(t)
  const calls: string[] = []
  for (const name of ['stop', 'disconnect'] as const) {
    const original = consumer[name]
    consumer[name] = () => {
      calls.push(name)
      return original()
    }
  }
  shutdown.consumer('orders', consumer)
  assert.throws(
    () => shutdown.consumer('producer', kafka.producer()),
    /ERR_LASTCALL_CONSUMER|takes something that fetches/,
  )
  const report = await shutdown.begin('test')
  assert.equal(calls, ['stop', 'disconnect'])
  assert.equal(report.consumers, [{ name: 'orders', kind: 'kafkajs', finished: null, handedBack: null, forced: false }])
})
