// Restarts a child that waits for another one, and says in which order who started.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const first = shutdown.supervise('first', ['sh', '-c', 'sleep 0.5; echo up; exec sleep 60'], { ready: { line: 'up' } })
const second = shutdown.supervise('second', ['sleep', '60'], { after: ['first'] })
second.on('state', ({ state }) => console.log(`second ${state} when first is ${first.state}`))
await second.restart()
console.log(`second is ${second.state} after ${second.restarts} restarts`)
console.log('ready')
