// A tracked job that fails while the service stops; nobody handles it.
import { once } from 'node:events'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.track(async () => {
  await once(shutdown.stopping, 'abort')
  throw new TypeError('a bug')
})
console.log('ready')
// Until it is told: an empty event loop would end it before.
setInterval(() => {}, 1_000)
