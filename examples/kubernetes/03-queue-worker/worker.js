// See README.md beside this file.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
const connection = { url: process.env.REDIS_URL ?? 'redis://redis:6379' }

const worker = new Worker('mails', ({ data }) => send(data), { connection })
shutdown.consumer('mails', worker) // takes no new job from SIGTERM on; what is not done in time goes back

async function send({ to, ms = 1000 }) {
  console.log(`a mail to ${to} is on its way`)
  await sleep(ms, undefined, { signal: shutdown.cutoff }) // your work; cutoff comes when drain's time is over
  console.log(`the mail to ${to} is sent`)
}

// As a Job: until the queue is empty. Told to stop before that, it must not end with 0, which would complete the Job.
if (process.argv.includes('--until-empty')) {
  const queue = new Queue('mails', { connection })
  shutdown.resource('queue', queue)
  let empty = false
  shutdown.stopping.addEventListener('abort', () => {
    if (!empty) process.exitCode = 143
  })
  worker.on('drained', async () => {
    const { waiting, active, delayed, prioritized } = await queue.getJobCounts()
    empty = waiting + active + delayed + prioritized === 0
    if (empty) shutdown.begin('the queue is empty')
  })
}

await worker.waitUntilReady()
console.log('ready')
