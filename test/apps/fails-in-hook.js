// One hook throws; the next one still runs.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('bad', () => {
  throw new Error('the pool was gone')
})
shutdown.hook('good', () => console.log('good ran'), { after: ['bad'] })
setInterval(() => {}, 1000)
console.log('ready')
