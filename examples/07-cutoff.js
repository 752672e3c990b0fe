// node examples/07-cutoff.js, then Ctrl-C.
// Watch: the long job may go on until drain's time is over; then `cutoff` aborts, it hands its work back, and the exit
// code is 143 after SIGTERM (1 after Ctrl-C), so that a Kubernetes Job does not count as complete.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ terminationGracePeriodSeconds: 2 })

async function longJob(signal) {
  try {
    await sleep(60_000, undefined, { signal })
  } catch {
    console.log('given up: the work goes back to the queue')
  }
}

shutdown.stopping.addEventListener('abort', () => console.log('stopping: no new work'))
console.log(`ready: kill -TERM ${process.pid}`)
await shutdown.track((signal) => longJob(signal)) // signal is shutdown.cutoff
