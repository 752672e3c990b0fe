// Somebody calls process.exit(0) in the middle of the shutdown.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('impatient', () => process.exit(0), { phase: 'drain' })
shutdown.hook('never reached', () => console.log('cleaned up'))
setInterval(() => {}, 1000)
console.log('ready')
