// Throws at SIGUSR2, or rejects with the argument `reject`; `listens` has a listener of its own; `again` throws in a hook, too.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [how] = process.argv.slice(2)
if (how === 'listens') process.on('uncaughtException', (error) => console.log(`the app saw ${error.message}`))
const fail = () => {
  throw new Error('boom')
}
process.on('SIGUSR2', how === 'reject' ? () => Promise.reject(new Error('boom')) : fail)
shutdown.hook(
  'cleanup',
  () =>
    new Promise((resolve) => {
      if (how === 'again') setTimeout(fail, 1)
      setTimeout(() => resolve(console.log('cleaned up')), 50)
    }),
)
setInterval(() => {}, 1000)
console.log('ready')
