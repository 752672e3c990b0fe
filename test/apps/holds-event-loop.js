// A server, a timer, a child, a thread and a connection that nobody closes.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
const server = createServer().listen(0, '127.0.0.1')
const child = spawn('sleep', ['60'])
const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
setInterval(() => {}, 1000)
worker.once('online', () => console.log(`ready: port ${server.address().port}, child ${child.pid}`))
