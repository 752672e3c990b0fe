// A hook that blocks the event loop in the way of the first argument, beside a child that ignores SIGTERM.
import { execSync } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { blockHere } from './block-here.js'
import { given } from './given.js'

const ways = {
  loop: blockHere,
  atomics: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  regex: () => /^(a+)+$/.test(`${'a'.repeat(50)}b`),
  execSync: () => execSync('exec sleep 20'),
  pbkdf2: () => pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512'),
  fifo: () => readFileSync(process.argv[3]),
}
const shutdown = createShutdown(given)
shutdown.hook('in time', () => {}, { phase: 'preStop' })
shutdown.hook('blocks', ways[process.argv[2]], { phase: 'drain' })
const script = 'trap "" TERM; sleep 300 & setsid sleep 301 & echo up; wait'
await shutdown.supervise('tree', ['sh', '-c', script], { ready: { line: 'up' } }).ready
console.log('ready')
