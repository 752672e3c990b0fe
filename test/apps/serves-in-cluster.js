// A cluster of two that serves; the primary has adopted it. With an argument, each request takes so many milliseconds.
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const ms = Number(process.argv[2] ?? 0)
const shutdown = createShutdown(cluster.isPrimary ? given : {})
if (cluster.isPrimary) {
  shutdown.adopt('workers', cluster)
  let listening = 0
  cluster.on('listening', (_, { port }) => {
    listening += 1
    if (listening === 2) console.log(`listening ${port}`)
  })
  cluster.fork()
  cluster.fork()
} else {
  const say = (response) => response.end('hello')
  const server = createServer((_, response) => (ms === 0 ? say(response) : setTimeout(say, ms, response)))
  shutdown.server(server)
  server.listen(0, '127.0.0.1')
}
