// Its start waits for a child that takes for ever to be ready.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const child = shutdown.supervise('slow', ['sleep', '60'], { ready: { line: 'never' } })
console.log('ready')
await child.ready
