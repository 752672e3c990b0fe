// node enqueue.js ann bob: a mail to each.
import process from 'node:process'
import { Queue } from 'bullmq'

const queue = new Queue('mails', { connection: { url: process.env.REDIS_URL ?? 'redis://redis:6379' } })
const ms = Number(process.env.MAIL_MS ?? 1000)
// A job that was handed back has spent an attempt: a queue whose workers are stopped needs more than one.
await queue.addBulk(process.argv.slice(2).map((to) => ({ name: 'mail', data: { to, ms }, opts: { attempts: 5 } })))
await queue.close()
