// One worker of a cluster is adopted by itself; it has a hook.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(cluster.isPrimary ? given : { logger: () => {} })
if (cluster.isPrimary) {
  const worker = cluster.fork()
  console.log(shutdown.adopt('one', worker).kind, worker.process.pid)
  worker.on('exit', () => console.log(`replace it? ${worker.exitedAfterDisconnect !== true}`))
} else {
  shutdown.hook('worker', () => console.log('worker closes'))
  console.log('worker is up')
}
setInterval(() => {}, 1000)
