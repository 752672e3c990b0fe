// A cluster of two whose workers have hooks; worker 1 crashes at SIGUSR2 to the primary.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const logger = (_, { clock }) => console.log(`${process.env.ROLE} had its time from ${clock.source}`)
const shutdown = createShutdown(cluster.isPrimary ? given : { logger })
if (cluster.isPrimary) {
  cluster.fork({ ROLE: 'first' })
  shutdown.adopt('web', cluster, JSON.parse(process.argv[2] ?? '{}'))
  cluster.fork({ ROLE: 'second' })
  cluster.on('exit', (worker) => console.log(`exit ${worker.id} ${worker.exitedAfterDisconnect === true}`))
  shutdown.hook('primary', () => console.log('primary closes'))
  process.on('SIGUSR2', () => Object.values(cluster.workers)[0].process.kill('SIGKILL'))
} else {
  shutdown.hook('worker', () => console.log(`${process.env.ROLE} closes`))
  console.log(`${process.env.ROLE} is up, ${process.env.TERMINATION_GRACE_PERIOD_SECONDS}`)
}
setInterval(() => {}, 1000)
if (cluster.isPrimary) console.log('ready')
