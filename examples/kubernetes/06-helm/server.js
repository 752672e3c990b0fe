// See README.md beside this file.
import { createServer } from 'node:http'
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
console.log(`grace period: ${process.env.TERMINATION_GRACE_PERIOD_SECONDS} s`)

const server = createServer((_, response) => response.end('hello\n'))
shutdown.server(server)
server.listen(process.env.PORT ?? 8080, () => console.log('ready'))
