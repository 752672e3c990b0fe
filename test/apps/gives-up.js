// A tracked job and a consumer's job that end when they hear the cutoff, beside a connection that stays open to the limit.
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const server = createServer((socket) => socket.on('error', () => {}).write('hello'))
shutdown.server(server)
shutdown.track((signal) => sleep(60_000, undefined, { signal })).catch(() => {})
const job = sleep(60_000, undefined, { signal: shutdown.cutoff }).catch(() => {})
shutdown.consumer('jobs', { stop: () => job, force: () => 1 })
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`))
