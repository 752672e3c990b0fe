// A hook that writes to stderr until the pipe is full, and is blocked by it: a pipe of Node's own never fills, this does.
import { writeSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('fills', () => {
  for (;;) writeSync(2, 'x'.repeat(1024))
})
setInterval(() => {}, 1000)
console.log('ready')
