// One worker of a cluster is adopted by itself; it has a hook. With the argument `both` the cluster is adopted, too.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(cluster.isPrimary ? given : { logger: () => {} })
const refused = (name, thing) => {
  try {
    shutdown.adopt(name, thing)
  } catch (error) {
    console.log(error.message)
  }
}
if (cluster.isPrimary) {
  const worker = cluster.fork()
  console.log(shutdown.adopt('one', worker).kind, worker.process.pid)
  worker.on('exit', () => console.log(`replace it? ${worker.exitedAfterDisconnect !== true}`))
  if (process.argv[2] === 'both') {
    shutdown.adopt('web', cluster)
    for (const thing of [cluster.fork(), worker.process, cluster.fork().process]) refused('again', thing)
  }
} else {
  if (process.argv[2] === 'both') refused('in a worker', cluster)
  shutdown.hook('worker', () => console.log('worker closes'))
  console.log('worker is up')
}
setInterval(() => {}, 1000)
