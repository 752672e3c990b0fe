// One job that takes as long as it is told, in a consumer of its own; `args`: how long, what force does, `held` in preStop.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [ms, force, held] = process.argv.slice(2)
let done
const job = new Promise((resolve) => {
  done = resolve
})
const stop = () => {
  console.log(`stopped, stopping ${shutdown.stopping.aborted}`)
  setTimeout(done, Number(ms))
  return job
}
shutdown.consumer('jobs', { stop, ...(force && { force: () => JSON.parse(force) }) })
if (held) {
  shutdown.preStop('hold', () => {
    // A second Ctrl-C within half a second is the first one's echo.
    setTimeout(() => console.log('held'), 600)
    return new Promise(() => {})
  })
}
console.log('ready')
setInterval(() => {}, 1_000)
