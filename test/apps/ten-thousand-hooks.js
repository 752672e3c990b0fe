// Ten thousand hooks of one phase, each after the one a thousand before it.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
let ran = 0
for (let i = 0; i < 10_000; i++)
  shutdown.hook(`hook ${i}`, () => void ran++, i < 1_000 ? {} : { after: [`hook ${i - 1_000}`] })
shutdown.hook('count', () => console.log(`ran ${ran}`), { phase: 'flush' })
setInterval(() => {}, 1000)
console.log('ready')
