// Serves in a pod; `silent`: it never listens. SIGUSR2 is a bug of it, and SIGPWR has it close its server.
import { createServer } from 'node:http'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const server = createServer((_, response) => response.end('hello'))
shutdown.server(server)
shutdown.stopping.addEventListener('abort', () => console.log('stopping'))
if (process.argv[2] === 'silent') setInterval(() => console.log('ready'), 1000).refresh(console.log('ready'))
else server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}\nready`))
process.on('SIGPWR', () => server.close())
process.on('SIGUSR2', () => { throw new Error('no good') }) // biome-ignore format: a line is enough
