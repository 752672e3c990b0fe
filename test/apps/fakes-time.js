// Time stands still once it is ready, in the way of the first argument. Hooks hang, or with a second argument a child.
import { mock } from 'node:test'
import FakeTimers from '@sinonjs/fake-timers'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const never = () => 0
const ways = {
  sinon: () => FakeTimers.install(),
  'node:test': () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] }),
  'by hand': () => {
    const dead = { setTimeout: never, setInterval: never, setImmediate: never, clearTimeout: never }
    Object.assign(performance, { now: never })
    Object.assign(globalThis, dead, { queueMicrotask: never, performance: { now: never } })
    process.hrtime = Object.assign(never, { bigint: () => 0n })
    Date.now = never
  },
}
const shutdown = createShutdown(given)
shutdown.hook('hangs, too', () => new Promise(() => {}), { timeoutMs: 100 })
shutdown.hook('flushes', ({ remainingMs }) => console.log(`left ${remainingMs() > 0}`), { phase: 'flush' })
if (process.argv[3] === 'child') {
  const deaf = ['sh', '-c', 'trap "" TERM; echo up; sleep 60; true']
  await shutdown.supervise('deaf', deaf, { ready: { line: 'up' }, stopTimeoutMs: 300 }).ready
} else shutdown.hook('hangs', () => new Promise(() => {}), { phase: 'drain' })
setInterval(() => {}, 1000)
ways[process.argv[2]]()
console.log('ready')
