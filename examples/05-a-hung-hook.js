// node examples/05-a-hung-hook.js, then Ctrl-C.
// Watch: the broker never answers. It is given up in time, the logs are still delivered, and the exit code is 1.
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ terminationGracePeriodSeconds: 2 }) // of a pod that has so little

shutdown.hook('broker', ({ signal, remainingMs }) => {
  console.log(`the broker has ${Math.round(remainingMs() / 100) / 10} s`)
  signal.addEventListener('abort', () => console.log('the broker is given up'))
  return new Promise(() => {})
})
shutdown.hook('logs', () => console.log('the logs are delivered'), { phase: 'flush' })

setInterval(() => {}, 1000)
console.log(`ready: kill -TERM ${process.pid}`)
