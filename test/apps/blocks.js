// Blocks the event loop in a hook, in the way of the first argument, with a child whose own child ignores SIGTERM.
import { execSync } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

const cell = new Int32Array(new SharedArrayBuffer(4))
const ways = {
  loop: () => {
    for (;;);
  },
  execSync: () => execSync('sleep 300'),
  atomics: () => Atomics.wait(cell, 0, 0),
  pbkdf2: () => pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512'),
  regex: () => /^(a+)+$/.test(`${'a'.repeat(50)}b`),
  fifo: () => readFileSync(process.argv[3]),
}
const shutdown = createShutdown(given)
const block = ways[process.argv[2]]
shutdown.hook('in time', () => {}, { phase: 'preStop' })
shutdown.hook(
  'blocks',
  function blocksHere() {
    block()
  },
  { phase: 'drain' },
)
shutdown.supervise('tree', ['sh', '-c', 'trap "" TERM; sleep 300 & wait'])
console.log('ready')
