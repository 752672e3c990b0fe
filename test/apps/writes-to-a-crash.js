// Writes more than a pipe holds to a child that ends at once, again and again, and goes on.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const child = shutdown.supervise('crash', ['sh', '-c', 'exit 3'], {
  stdin: 'pipe',
  onGiveUp: () => console.log('ready'),
})
child.on('state', () => child.stdin?.write('x'.repeat(1_000_000)))
setInterval(() => child.stdin?.write('x'.repeat(1_000_000)), 10)
