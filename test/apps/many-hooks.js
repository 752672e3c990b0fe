// As many hooks as the argument says, each handing its signal on to as many calls, which hear of the stop, too.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const many = Array.from({ length: Number(process.argv[2]) }, (_, i) => i)
for (const i of many) {
  for (const signal of [shutdown.stopping, shutdown.cutoff]) signal.addEventListener('abort', () => {})
  shutdown.hook(`hook ${i}`, ({ signal }) => {
    for (const _ of many) signal.addEventListener('abort', () => {})
  })
}
setInterval(() => {}, 1000)
console.log('ready')
