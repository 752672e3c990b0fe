// node examples/consumers/kafkajs.js, with a Kafka on this machine or in KAFKA_BROKERS; then Ctrl-C during a message.
// Watch: the message at hand is finished and committed; the next one is read by whoever gets the partition.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',')
const kafka = new Kafka({ clientId: 'mailer', brokers, logLevel: logLevel.ERROR })
const consumer = kafka.consumer({ groupId: 'mailers' })
shutdown.consumer('mails', consumer)

await consumer.connect()
await consumer.subscribe({ topic: 'mails', fromBeginning: true })
await consumer.run({ eachMessage: ({ message }) => send(message.value) })

async function send(to) {
  console.log(`ready: a mail to ${to} is on its way`)
  await sleep(1000)
  console.log(`the mail to ${to} is sent`)
}
