// Time stands still from here on, in the way of the first argument. A hook hangs, and a child is deaf.
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
shutdown.hook('hangs', () => new Promise(() => {}), { phase: 'drain' })
shutdown.hook('hangs, too', () => new Promise(() => {}), { timeoutMs: 100 })
shutdown.hook('flushes', ({ remainingMs }) => console.log(`left ${remainingMs() > 0}`), { phase: 'flush' })
const deaf = ['sh', '-c', 'trap "" TERM; echo up; sleep 60; true']
if (process.argv[3] === 'child') await shutdown.supervise('deaf', deaf, { ready: { line: 'up' } }).ready
setInterval(() => {}, 1000)
ways[process.argv[2]]()
console.log('ready')
