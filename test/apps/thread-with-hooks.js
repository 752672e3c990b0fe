// A thread with a lastcall of its own.
import { parentPort } from 'node:worker_threads'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ logger: (line) => console.log(`thread says ${line}`) })
shutdown.hook('slow', async ({ remainingMs }) => {
  console.log(`hook of the thread, ${remainingMs() > 1_000 && remainingMs() < 9_000}`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  console.log('hook of the thread is done')
})
setInterval(() => {}, 1000)
parentPort.postMessage('up')
