// Two listeners of beforeExit find work twice, one of them a few microtasks later; nothing else holds the event loop.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

let left = 2
const work = (name) => setTimeout(() => console.log(`${name} worked`), 30)
process.on('beforeExit', () => left-- > 0 && work('early'))
const shutdown = createShutdown(given)
process.on('beforeExit', async () => {
  for (let turn = 0; turn < 10; turn++) await null
  if (process.argv[2] !== 'once' && left >= 0) work('late')
})
shutdown.hook('closes', () => console.log('closed'))
console.log('ready')
