// See README.md beside this file.
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const log = createWriteStream('/log/access.log', { flags: 'a' })
shutdown.resource('access log', log)
shutdown.hook('last words', () => void log.write('the app closes\n'), { phase: 'children' })

const server = createServer((request, response) => {
  log.write(`${request.method} ${request.url}\n`)
  response.end('hello\n')
})
shutdown.server(server)
server.listen(process.env.PORT ?? 8080, () => console.log('app: ready'))
