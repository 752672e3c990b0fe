// See README.md beside this file. Any program that handles SIGTERM does as well, in any language.
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()

const server = createServer((_, response) => response.end('hello\n'))
shutdown.server(server)
shutdown.hook('database', () => console.log('server: the database closes'))
server.listen(process.env.PORT ?? 8080, () => console.log('server: ready'))
