// node examples/02-phases-and-after.js, then Ctrl-C.
// Watch: the order. Phases run one after the other, the hooks of a phase side by side, except where `after` says so.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'

const shutdown = createShutdown()
const say = (line) => async () => {
  await sleep(100)
  console.log(line)
}

// Registered in any order: `after` may even name a hook that comes later.
shutdown.hook('traces', say('5 traces are delivered'), { phase: 'flush' })
shutdown.hook('postgres', say('4 the pool is closed'), { after: ['outbox'] })
shutdown.hook('outbox', say('3 the outbox is empty')) // phase: 'close' is the default
shutdown.hook('server', say('2 requests have ended'), { phase: 'drain' })
shutdown.preStop('leave the cluster', say('1 the cluster knows'))

shutdown.ready() // a name in `after` that nobody has is an error here, at start, not at shutdown
setInterval(() => {}, 1000)
console.log(`ready: kill -TERM ${process.pid}`)
