import { connect as connectAmqp } from 'amqplib'
import { connect as connectAmqpCallback } from 'amqplib/callback_api'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { connect as connectNats } from 'nats'
import * as assert from 'uvu/assert'
import { closeResource, findCloser } from '../../lib/hooks/resource.ts'
import { startAmqpBroker } from '../support/amqp-broker.ts'
import { hookContext } from '../support/hook-context.ts'
import { natsIsAbsent, startNats } from '../support/nats.ts'
import { test } from '../support/suite.ts'
import { until } from '../support/until.ts'

const close = (thing: unknown) => closeResource(findCloser('thing', thing), hookContext().context)

test('an amqplib connection says goodbye, and so does one of its callback API', async (t) => {
  const broker = await startAmqpBroker(t)
  const connection = await connectAmqp(broker.url)
  await close(connection)
  assert.equal(broker.seen.slice(-1), ['ConnectionClose'])
  await close(connection) // closed already, and that is fine

  const callback = await new Promise((resolve, reject) =>
    connectAmqpCallback(broker.url, (error: unknown, made: unknown) => (error ? reject(error) : resolve(made))),
  )
  await close(callback)
  assert.equal(broker.seen.slice(-2), ['ConnectionOpen', 'ConnectionClose'])
})

test('an amqplib channel is closed, and a confirm channel when its messages have been confirmed', async (t) => {
  const broker = await startAmqpBroker(t)
  const connection = await connectAmqp(broker.url)
  t.after(() => connection.close())
  await close(await connection.createChannel())
  assert.is(broker.seen.at(-1), 'ChannelClose')

  const channel = await connection.createConfirmChannel()
  channel.sendToQueue('jobs', Buffer.from('job'))
  await until(
    'the message has arrived',
    () => broker.seen.at(-1),
    (name) => name === 'BasicPublish',
  )
  const closed = close(channel)
  broker.confirm(1)
  await closed
  assert.equal(broker.seen.slice(-2), ['BasicPublish', 'ChannelClose'])
  await close(channel)
})

test('an amqplib connection whose broker does not answer is cut off at the limit', async (t) => {
  const broker = await startAmqpBroker(t)
  broker.ignored.add('ConnectionClose')
  const connection = await connectAmqp(broker.url)
  const { context, reachLimit } = hookContext()
  const late = closeResource(findCloser('amqp', connection), context).catch((error: Error) => error.name)
  await until(
    'the goodbye has arrived',
    () => broker.seen.at(-1),
    (name) => name === 'ConnectionClose',
  )
  reachLimit()
  assert.is(await late, 'TimeoutError')
  await until(
    'the socket is closed',
    () => broker.connected(),
    (sockets) => sockets === 0,
  )
})

test(
  'a nats connection handles what has arrived before it is closed, and closes at the limit when its server hangs',
  async (t) => {
    const { server, freeze } = await startNats(t)
    const options = { servers: server, reconnect: false }
    const [sender, receiver] = [await connectNats(options), await connectNats(options)]
    const handled: number[] = []
    const subscription = receiver.subscribe('jobs')
    const done = (async () => {
      for await (const _ of subscription) handled.push(handled.length)
    })()
    await receiver.flush()
    for (let i = 0; i < 100; i++) sender.publish('jobs')
    await sender.flush()
    await close(receiver)
    await done
    assert.is(handled.length, 100)
    assert.ok(receiver.isClosed())
    await close(receiver)

    freeze()
    const { context, reachLimit } = hookContext()
    const late = closeResource(findCloser('nats', sender), context).catch((error: Error) => error.name)
    reachLimit()
    assert.is(await late, 'TimeoutError')
    await sender.closed()
  },
  { skip: natsIsAbsent() },
)

test('producers, consumers and admins of kafkajs are disconnected', async () => {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING })
  const clients = [
    kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner }),
    kafka.consumer({ groupId: 'test' }),
    kafka.admin(),
  ]
  for (const client of clients) {
    assert.is(findCloser('kafka', client).how, 'disconnect()')
    await close(client)
  }
})
