// A second after it has begun to stop a child its own shutdown begins.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const slow = shutdown.supervise('slow', ['sh', '-c', 'trap "sleep 1.5; exit 0" TERM; echo up; sleep 60 & wait'], {
  ready: { line: 'up' },
})
await slow.ready
void slow.stop()
setTimeout(() => shutdown.begin(), 1000)
console.log('ready')
