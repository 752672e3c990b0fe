// Nothing is left in the event loop after its first line.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

createShutdown(given).hook('cleanup', () =>
  new Promise((resolve) => setTimeout(resolve, 50)).then(() => console.log('cleaned up')),
)
console.log('ready')
