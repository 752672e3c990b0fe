// Calls begin three times, once inside a hook, and says what it got.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('asks', async () => {
  const soFar = await shutdown.begin('inside')
  console.log(`inside: ${soFar.ended}, ${soFar.hooks[0].outcome}`)
})
console.log('ready')
const [first, second] = [shutdown.begin('maintenance'), shutdown.begin('again')]
console.log(`same promise: ${first === second}`)
const report = await first
console.log(`outside: ${report.ended}, ${report.reason.message}, code ${report.exitCode}`)
