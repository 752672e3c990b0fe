// Adopts threads: each argument is its code, or a file beside this one.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const threads = JSON.parse(process.env.LASTCALL_TEST_THREADS)
for (const [name, code, options] of threads) {
  const isFile = code.endsWith('.js')
  const worker = new Worker(isFile ? new URL(code, import.meta.url) : code, { eval: !isFile })
  shutdown.adopt(name, worker, options)
  worker.on('exit', (code) => console.log(`${name} ended with ${code}`))
  await once(worker, 'message')
}
setInterval(() => {}, 1000)
console.log('ready')
