// Sets process.exitCode before the shutdown.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
process.exitCode = 7
setInterval(() => {}, 1000)
console.log('ready')
