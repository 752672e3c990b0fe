// A hook in drain that ends at SIGUSR2, or as soon as it has between the first and the second argument in ms; it may block then.
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from 'lastcall'
import { given } from './given.js'

let isTold = false
process.on('SIGUSR2', () => (isTold = true))
const [least, most, blockMs = 0] = process.argv.slice(2).map(Number)
const shutdown = createShutdown(given)
const work = async ({ remainingMs, signal }) => {
  while (!signal.aborted && !isTold && (remainingMs() < least || remainingMs() > most)) await sleep(5)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
  await sleep(5)
}
shutdown.hook('work', work, { phase: 'drain' })
setInterval(() => {}, 1000)
console.log('ready')
