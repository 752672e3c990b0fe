// Sets process.exitCode before the shutdown, with an argument to that text.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given)
process.exitCode = process.argv[2] ?? 7
setInterval(() => {}, 1000)
console.log('ready')
