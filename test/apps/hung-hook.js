// A hook that never ends in each phase named by the arguments, and one beside it that does.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const keep = setInterval(() => {}, 1000)
for (const phase of process.argv.slice(2))
  shutdown.hook(`hung ${phase}`, () => new Promise(() => keep.ref()), { phase })
for (const phase of ['preStop', 'drain', 'children', 'close', 'flush']) {
  shutdown.hook(`good ${phase}`, () => new Promise((resolve) => setTimeout(resolve, 5)), { phase })
}
console.log('ready')
