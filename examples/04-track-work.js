// node examples/04-track-work.js, then Ctrl-C in the middle of a job.
// Watch: no new job starts, the job in flight is finished, and only then the pool that it uses is closed.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
shutdown.hook('pool', () => console.log('the pool is closed'))

async function job(number, signal) {
  console.log(`job ${number} began`)
  await sleep(500, undefined, { signal }) // aborts only when drain's time is over
  console.log(`job ${number} is done`)
}

console.log(`ready: kill -TERM ${process.pid}`)
for (let number = 1; !shutdown.stopping.aborted; number++) {
  await shutdown.track((signal) => job(number, signal))
}
