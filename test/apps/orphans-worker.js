// The primary of a cluster that forks one worker with a hook, whose report the test reads.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

if (cluster.isPrimary) {
  cluster.fork()
} else {
  createShutdown(given).hook('closes', () => new Promise((resolve) => setTimeout(resolve, 200)))
  setInterval(() => {}, 1000)
  console.log(`ready ${process.pid}`)
}
