// Restarts a child again and again, lets another one fail to start, and says how many descriptors are open.
import { readdirSync, writeFileSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const child = shutdown.supervise('sleeps', ['sleep', '60'])
const restart = async (times) => {
  for (let i = 0; i < times; i++) await child.restart()
  await new Promise((resolve) => setTimeout(resolve, 50))
  console.log(`open after ${times}: ${readdirSync('/proc/self/fd').length}`)
}
await restart(2)
await restart(20)
const file = `${given.reportFile}.sh`
writeFileSync(file, '#!/no/such/interpreter\n', { mode: 0o755 })
const fails = shutdown.supervise('fails', [file], { onGiveUp: () => restart(2).then(() => console.log('ready')) })
await fails.ready.catch((error) => console.log(error.message))
