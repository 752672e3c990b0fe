// Says which threads start, and with the argument `block` blocks in its hook; a preload says where it runs.
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

let threads = 0
process.on('worker', (worker) => {
  threads++
  worker.once('exit', () => threads--)
})
const shutdown = createShutdown(given)
shutdown.hook('counts', () => {
  console.log(`in the hook: ${threads}`)
  if (process.argv[2] === 'block') blockHere()
})
const timer = setInterval(() => {}, 1000)
// A thread is announced a tick after its start.
setImmediate(() => console.log(`before: ${threads}\nready`))
if (given.exit === false) {
  shutdown.stopping.addEventListener('abort', async () => {
    await shutdown.begin()
    console.log(`after: ${threads}`)
    clearInterval(timer)
  })
}
