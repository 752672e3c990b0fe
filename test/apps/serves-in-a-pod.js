// Serves, and says what it was asked while it stops; with an argument it fails, or begins before it listens.
import { createServer } from 'node:http'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const server = createServer((_, response) => response.end('hello'))
shutdown.server(server)
shutdown.stopping.addEventListener('abort', () => console.log('stopping'))
if (process.argv[2] === 'silent') setInterval(() => console.log('ready'), 1000).refresh(console.log('ready'))
else server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}\nready`))
process.on('SIGUSR2', () => { throw new Error('no good') }) // biome-ignore format: a line is enough
