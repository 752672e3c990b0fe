// Writes to stdout every few milliseconds, and counts on stderr.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
let writes = 0
setInterval(() => {
  console.log(`line ${++writes}`)
  if (writes === 100) process.stderr.write('still here after 100 writes\n')
}, 5)
process.stderr.write('ready\n')
