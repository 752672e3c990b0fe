// No shutdown: its event loop turns, until it is told by SIGUSR2 to block, and at SIGWINCH it stops at a breakpoint.
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

const shutdown = createShutdown(given)
shutdown.hook('never begun', () => {})
const script = 'trap "" TERM; sleep 300 & setsid sleep 301 & echo up; wait'
await shutdown.supervise('tree', ['sh', '-c', script], { ready: { line: 'up' } }).ready
process.on('SIGUSR2', () => setImmediate(() => blockHere()))
process.on('SIGWINCH', () => {
  // biome-ignore lint/suspicious/noDebugger: what is tested
  debugger
  console.log('went on')
})
let turns = 0
setInterval(() => ++turns === 10 && console.log('ready'), 20)
