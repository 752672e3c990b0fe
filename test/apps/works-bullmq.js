// A BullMQ worker: each job takes as long as it says, and writes what happens to it into a list.
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { createShutdown } from 'lastcall'
import { given } from './given.js'
import { runJob } from './runs-job.js'

const shutdown = createShutdown(given)
const [path, queue] = process.argv.slice(2)
const log = new Redis({ path })
const note = (...words) => log.rpush(`log:${queue}`, words.join(' '))
const connection = { path, maxRetriesPerRequest: null }
const worker = new Worker(queue, (job) => runJob(shutdown, note, job.data), { connection, concurrency: 5 })
worker.on('error', () => {})
shutdown.consumer('jobs', worker)
await worker.waitUntilReady()
console.log('ready')
