// node examples/08-an-uncaught-error.js
// Watch: a bug throws where nobody catches it. The stack is printed as Node prints it, the hooks still run, the exit
// code is 1.
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
shutdown.hook('lock', () => console.log('the lock is given back'))

console.log('ready: a bug is about to throw')
setTimeout(() => {
  throw new Error('a bug')
}, 200)
