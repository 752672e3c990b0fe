// One job that takes as long as it is told, in a consumer of its own; `args`: how long, what force does.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
const [ms, force] = process.argv.slice(2)
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
console.log('ready')
setInterval(() => {}, 1_000)
