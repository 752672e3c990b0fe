// A daemon that reloads on SIGHUP.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
process.on('SIGHUP', () => console.log('reloaded'))
setInterval(() => {}, 1000)
console.log('ready')
