// node server.js NAME [CLEANUP_MS] [CODE]: says ready, records each signal, cleans up, ends.
import { appendFileSync } from 'node:fs'

const [name, cleanupMs = '500', code = '0'] = process.argv.slice(2)
const record = (event) => appendFileSync('events.log', `${name} ${event} pid ${process.pid}\n`)
let stopping = false
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2']) {
  process.on(signal, () => {
    record(`told ${signal}`)
    if (stopping) return
    stopping = true
    console.log(`${name}: cleaning up`)
    setTimeout(() => {
      record('cleaned')
      console.log(`${name}: last line`)
      process.exit(Number(code))
    }, Number(cleanupMs))
  })
}
setInterval(() => {}, 60_000)
record('ready')
console.log(`${name}: ready`)
