// Starts one child after another one that has done its work and gone.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const migrate = shutdown.supervise('migrate', ['true'])
for await (const { type, state } of migrate) if (type === 'state') console.log(`migrate ${state}`)
const web = shutdown.supervise('web', ['sleep', '60'], { after: ['migrate'] })
await web.ready
console.log('ready')
