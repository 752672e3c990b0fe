// A cluster whose only worker crashes at its start.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

if (cluster.isPrimary) {
  createShutdown(given).adopt('web', cluster)
  cluster.fork()
  setInterval(() => {}, 1000)
} else {
  console.log('crash')
  process.exit(3)
}
