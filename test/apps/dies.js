// Supervises a child with a grandchild and a daemon, and dies at SIGUSR2 as the argument says.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const script = 'setsid sleep 301 & (sleep 302 &) ; sleep 303 & echo up; wait'
await shutdown.supervise('tree', ['sh', '-c', script], { ready: { line: 'up' } }).ready
const ways = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  exit: () => process.exit(0),
  throw: () =>
    setImmediate(() => {
      throw new Error('boom')
    }),
  memory: () => {
    for (const all = []; ; ) all.push(new Array(1e6).fill(all))
  },
}
process.on('SIGUSR2', ways[process.argv[2]])
setInterval(() => {}, 1000)
console.log('ready')
