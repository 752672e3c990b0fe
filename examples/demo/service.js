// A service with three hooks, the second of which hangs for ever.
// Watch: the request in flight is answered, and the hung broker does not cost the traces their time.
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ reportFile: process.argv[2], logger: () => {} })

const server = createServer(async (_, response) => {
  console.log('a request came')
  await sleep(800)
  response.end('answered\n')
})
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`))

shutdown.hook('http server', () => new Promise((closed) => server.close(closed)), { phase: 'drain' })
shutdown.hook('message broker', () => new Promise(() => {}))
shutdown.hook('traces', () => sleep(200), { phase: 'flush' })
shutdown.ready()
