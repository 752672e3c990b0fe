// See README.md beside this file.
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown() // first: from here on SIGTERM is handled

const server = createServer(async (request, response) => {
  console.log(`${request.method} ${request.url}`)
  await sleep(500) // your work
  response.end('hello\n')
})
shutdown.server(server)
shutdown.probeServer({ port: 9000 }) // /livez, /readyz and /startupz, to the very end
shutdown.hook('database', () => console.log('the database closes')) // yours: shutdown.resource('database', pool)

server.listen(process.env.PORT ?? 8080, () => {
  console.log('ready')
  shutdown.ready()
})
