// In the middle of the shutdown the wall clock goes back by an hour.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const Real = Date
shutdown.stopping.addEventListener('abort', () => {
  globalThis.Date = class extends Real {
    constructor(...args) {
      super(...(args.length > 0 ? args : [Real.now() - 3_600_000]))
    }
    static now = () => Real.now() - 3_600_000
  }
})
shutdown.hook('hangs', ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)), {
  phase: 'drain',
})
shutdown.hook('waits', () => new Promise((resolve) => setTimeout(resolve, 100)))
setInterval(() => {}, 1000)
console.log('ready')
