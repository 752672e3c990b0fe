// A hook that writes to stderr for ever, also when nobody reads it.
import { writeSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('fills', () => {
  for (;;) {
    try {
      writeSync(2, 'x'.repeat(1024))
    } catch {
      // EAGAIN: full, and not a pipe that waits.
    }
  }
})
setInterval(() => {}, 1000)
console.log('ready')
