// Supervises a child with a grandchild and a daemon, and dies at SIGUSR2 as the first argument says; the second
// is what the seconds of their sleep begin with.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [way, base] = process.argv.slice(2)
const script = `setsid sleep ${base}1 & (sleep ${base}2 &) ; sleep ${base}3 & echo up; wait`
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
process.on('SIGUSR2', ways[way])
setInterval(() => {}, 1000)
console.log('ready')
