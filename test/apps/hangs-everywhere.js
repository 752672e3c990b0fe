// A hook that never ends in every phase, a child that hears nothing, and a short flush beside the hung one.
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const shutdown = createShutdown(given)
for (const phase of ['preStop', 'drain', 'children', 'close', 'flush']) {
  shutdown.hook(`hung ${phase}`, () => new Promise(() => {}), { phase })
}
shutdown.hook('traces', async () => console.log('delivered'), { phase: 'flush' })
const deaf = shutdown.supervise('deaf', ['sh', '-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'], {
  ready: { line: 'deaf' },
})
await deaf.ready
console.log(`ready ${deaf.pid}`)
