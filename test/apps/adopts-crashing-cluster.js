// A cluster whose only worker crashes at its start. With the argument `asks` the app decides what follows.
import cluster from 'node:cluster'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

if (cluster.isPrimary) {
  const onGiveUp = ({ name, restarts }) => console.log(`${name} is given up after ${restarts}`)
  createShutdown(given).adopt('web', cluster, process.argv[2] === 'asks' ? { onGiveUp } : {})
  cluster.fork()
  setInterval(() => {}, 1000)
} else {
  console.log('crash')
  process.exit(3)
}
