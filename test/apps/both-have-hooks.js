// A thread, or a cluster of two, is adopted; each side has a hook of its own, and nobody a logger.
import cluster from 'node:cluster'
import { isMainThread, Worker } from 'node:worker_threads'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const isMain = isMainThread && cluster.isPrimary
const shutdown = createShutdown(isMain ? given : {})
shutdown.hook('own', () => {
  console.log(isMain ? 'main hook' : 'other hook')
  if (!isMain && process.argv[3] === 'fails') throw new Error('no luck')
})
setInterval(() => {}, 1000)
if (!isMain) console.log('up')
else if (process.argv[2] === 'cluster') for (const _ of [shutdown.adopt('web', cluster), 2]) cluster.fork()
else {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) })
  if (process.argv[2] === 'thread') shutdown.adopt('jobs', worker)
}
