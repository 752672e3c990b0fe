// Somebody calls process.exit(0) as soon as the report is out: in the logger, or behind begin(). A hook has failed.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const inLogger = process.argv[2] === 'logger'
const shutdown = createShutdown(inLogger ? { ...given, logger: () => process.exit(0) } : given)
shutdown.hook('bad', () => Promise.reject(null))
console.log('ready')
await shutdown.begin()
process.exit(0)
