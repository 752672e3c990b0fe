// A library cleans up at SIGTERM or SIGINT in its own time, then sends the signal to its own process: Nest and Apollo
// Server keep their listener, terminus takes it off first. With `exit` it calls process.exit(0) instead.
import { startService } from './with-tree.js'

const [style, took = '50'] = process.argv.slice(2)
startService(Number(process.argv[4] ?? 200))
let done = false
async function cleanUp(signal) {
  if (done) return
  done = true
  await new Promise((resolve) => setTimeout(resolve, Number(took)))
  console.log(`theirs is done, ${signal}`)
  if (style === 'terminus') for (const one of ['SIGTERM', 'SIGINT']) process.removeListener(one, cleanUp)
  style === 'exit' ? process.exit(0) : process.kill(process.pid, signal)
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, cleanUp)
console.log('ready')
