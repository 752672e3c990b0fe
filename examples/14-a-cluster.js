// node examples/14-a-cluster.js, then Ctrl-C or kill -TERM
// Watch: each worker runs its own hook, and the primary closes last.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
if (cluster.isPrimary) {
  shutdown.adopt('web', cluster)
  shutdown.hook('primary', () => console.log('the primary closes last'))
  let up = 0
  cluster.on('message', () => ++up === 2 && console.log('ready'))
  for (const ROLE of ['a', 'b']) cluster.fork({ ROLE })
} else {
  shutdown.hook('worker', () => console.log('a worker closes'))
  process.send('up')
}
setInterval(() => {}, 1000)
