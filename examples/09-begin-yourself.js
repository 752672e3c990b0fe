// node examples/09-begin-yourself.js
// Watch: `begin` starts the same shutdown as a signal would, and resolves with the report; with `exit: false` the
// process is yours again, without a listener or a timer of lastcall's.
import process from 'node:process'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown({ exit: false, logger: () => {} })
shutdown.hook('cache', () => console.log('the cache is written'))

console.log('ready')
const report = await shutdown.begin('maintenance')
console.log(report.verdict)
console.log(`listeners of SIGTERM left: ${process.listenerCount('SIGTERM')}`)
