// node examples/consumers/bullmq.js, with a Redis on this machine or in REDIS_URL; then Ctrl-C in the middle of a job.
// BullMQ 6 brings no client of its own: npm install bullmq ioredis
// Watch: the job that runs is finished, the one behind it never starts here, and the queue closes last.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
const connection = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

const queue = new Queue('mails', { connection })
shutdown.resource('queue', queue)
await queue.addBulk(['ann', 'bob'].map((to) => ({ name: 'mail', data: { to } })))

const worker = new Worker('mails', ({ data }) => send(data), { connection })
shutdown.consumer('mails', worker)

async function send({ to }) {
  console.log(`ready: a mail to ${to} is on its way`)
  // What runs at drain's limit is given up by cutoff, and handed back to the queue.
  await sleep(1000, undefined, { signal: shutdown.cutoff })
  console.log(`the mail to ${to} is sent`)
}
