// It blocks in the first turn of its event loop: in a timer, or with an argument in an immediate.
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

createShutdown(given)
if (process.argv[2] === 'immediate') setImmediate(() => blockHere())
else setTimeout(() => blockHere(), 0)
console.log('ready')
